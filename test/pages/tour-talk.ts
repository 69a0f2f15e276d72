// The tours of a case that person and desk write about, each as both see it: from the first question to the decision, and one about
// an owner who died, whose account is closed and opened again.
import sharp from 'sharp';
import { secondMs } from '../../src/base/clock.ts';
import { translator } from '../../src/i18n/translate.ts';
import { closingHoldMs } from '../../src/releases/policy.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { linkOf, numberOf } from '../journeys/steps.ts';
import type { Shop } from './shop.ts';
import { isRefused, type LookOver } from './look.ts';
import { signedIn } from './tour-desk.ts';
import { codeTo } from './walk.ts';
import { wordsIn } from './words.ts';

const contact = 'nuevo@correo.example';

/** A case with a confirmed contact; answers its number. */
async function openCase(shop: Shop, browser: Browser, kind: 'mailbox-lost' | 'owner-died', userId: string) {
  const t = translator(browser.language);
  const words = wordsIn[browser.language];
  await browser.open('/recover/case');
  // Nobody types letters faster.
  shop.clock.advance(3 * secondMs);
  await browser.press(t('case.submit'), {
    [t(`case.${kind}`)]: 'on',
    [t('case.identifier')]: userId,
    [t('case.words')]: 'Mi proveedor cerró ese correo.\nYa no puedo leerlo.',
    [t('case.contact')]: contact,
    [words.letters]: shop.lettersOn(browser.page),
  });
  await browser.follow(words.confirmEmail);
  const [, number = ''] = /case\/(\w+)/.exec(browser.page.path) ?? [];
  await browser.press(words.confirm, { [words.code]: await codeTo(shop, contact) });
  return number;
}

export async function tourTalk(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const { language } = browser;
  const t = translator(language);
  const number = await openCase(shop, browser, 'mailbox-lost', 'lucia');
  const [person, atDesk] = [`/recover/case/${number}`, `/support/cases/${number}`];
  const elena = await signedIn(shop, language, 'elena');
  const omar = await signedIn(shop, language, 'omar');
  await elena.open(atDesk);
  await omar.open(atDesk);
  await elena.press(t('desk.take'));
  await omar.press(t('desk.take'));
  await look(omar, 'desk-taken', t('refusal.case-of-other'));
  const unmask = (why = '') => elena.press(t('desk.unmask'), { [t('desk.unmask-why')]: why });
  await unmask();
  await look(elena, 'desk-unmask-refused', t('refusal.unmask-reason'));
  await unmask(t('desk.unmask-compare'));
  await look(elena, 'desk-unmasked', contact);
  await elena.open(atDesk);
  const act = (name: 'note' | 'ask' | 'take-up' | 'decide', said = '') =>
    elena.press(t(`desk.act-${name}`), { [t('desk.words')]: said });
  await act('note');
  await look(elena, 'desk-act-refused', t('refusal.case-words-missing'));
  await act('note', 'Parece la misma persona.');
  await act('ask', '¿Qué compraste la última vez?');

  const write = async (said: string) => {
    await browser.open(person);
    await browser.press(t('case.write-send'), { [t('case.answer-label')]: said });
  };
  await write('   ');
  await look(browser, 'case-message-refused', isRefused);
  await write('Una taza azul y dos platos.');
  const send = async (file: Uint8Array<ArrayBuffer>) => {
    const form = new FormData();
    form.set('picture', new File([file], 'picture.png'));
    await browser.post(`${person}/picture`, form);
  };
  await send(new Uint8Array(1));
  await look(browser, 'case-picture-refused', isRefused);
  const picture = sharp({ create: { width: 640, height: 400, channels: 3, background: '#3a7d5c' } });
  await send(new Uint8Array(await picture.png().toBuffer()));
  await look(browser, 'case-talk', t('picture.sent'));

  await elena.open(atDesk);
  await look(elena, 'desk-talk', '<figure');
  await elena.post(`${atDesk}/hand-over`, { to: 'nobody', version: '' });
  await look(elena, 'desk-hand-over-refused', t('refusal.agent-away'));
  await elena.open(atDesk);
  await act('take-up');
  await act('decide', 'Gracias. No podemos darte la cuenta.');
  await browser.open(person);
  await look(browser, 'case-decided', t('case.disagree-label'));
}

export async function tourClosing(shop: Shop, browser: Browser, look: LookOver): Promise<void> {
  const { language } = browser;
  const t = translator(language);
  const atDesk = `/support/cases/${await openCase(shop, browser, 'owner-died', 'mark')}`;
  const why = { [t('desk.release-why')]: 'Escribió su hermana.' };
  const elena = await signedIn(shop, language, 'elena');
  await elena.open(atDesk);
  await elena.press(t('desk.take'));
  const propose = t('desk.closing-propose', { userId: 'mark' });
  await elena.press(propose);
  await look(elena, 'desk-closing-refused', t('refusal.release-why-missing'));
  await elena.press(propose, why);
  const omar = await signedIn(shop, language, 'omar');
  await omar.open(atDesk);
  await look(omar, 'desk-closing-dead', 'value="approve-closing" disabled');
  const dieter = await signedIn(shop, language, 'dieter', 'lead');
  await dieter.open(atDesk);
  // Its owner was told of the case before.
  await shop.deliverMail();
  await dieter.press(t('desk.approve'), why);
  const first = await shop.mailTo('mark@mail.example');
  await browser.open(linkOf(first, 'stop'));
  await look(browser, 'closing-notice', t('recover.closing-submit'));
  shop.clock.advance(closingHoldMs);
  await shop.deliverMail();
  const last = await shop.mailTo('mark@mail.example');
  await browser.open(linkOf(last, 'stop'));
  await look(browser, 'closed-notice', t('recover.closed-submit'));
  await browser.press(t('recover.closed-submit'), { [t('recover.notice-number')]: numberOf(last) });
  await look(browser, 'closed-undone', '<h1');
}
