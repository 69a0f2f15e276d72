// What somebody who works at the desk, or has a friend there, could do beside giving an account away: close that of somebody
// who lives, look at pictures of others, and pass off one code that was got by telephone as the owner's app.
import { dayMs, hourMs } from '../../src/base/clock.ts';
import type { Browser, Page } from '../../src/testing/browser.ts';
import { numberIn } from '../../src/testing/mail-text.ts';
import type { Finding } from '../scenario.ts';
import type { Inside } from '../target.ts';
import { codeOf, linkOf, numberOf, signIn } from '../walk.ts';

type Found = Pick<Finding, 'expect' | 'tell'>;

export const versionOn = ({ html }: Pick<Page, 'html'>): string =>
  /name="version" value="(\d+)"/.exec(html)?.[1] ?? '0';

export const numberOn = ({ html }: Pick<Page, 'html'>): string => /\/recover\/case\/(\w+)/.exec(html)?.[1] ?? '';

export const count = (text: string, what: string): number => text.split(what).length - 1;

/** Of the form of a release or a closing: that of the case where none is open. */
const versionIn = ({ html }: Pick<Page, 'html'>): string =>
  /name="(?:account|release)" value="[^"]*"><input type="hidden" name="version" value="(\d+)"/.exec(html)?.[1] ?? '0';

/** The account or the release that a form is about. */
function idsOn({ html }: Pick<Page, 'html'>): Record<string, string> {
  const [, name = 'release', id = 'x'] = /name="(account|release)" value="([^"]*)"/.exec(html) ?? [];
  return { [name]: id };
}

/** What an agent sends from the page of a case as it stands, whatever that offers; its status. */
export async function sendRelease(browser: Browser, place: string, act: string): Promise<number> {
  const page = await browser.open(place);
  const fields = { act, words: 'It is the owner.', version: versionIn(page), ...idsOn(page) };
  return (await browser.post(`${place}/release`, fields)).status;
}

/** A case with a confirmed contact, in this browser; its number. */
export async function openCase(
  target: Inside,
  browser: Browser,
  asked: { readonly kind: string; readonly identifier: string; readonly contact: string },
): Promise<string> {
  const number = numberOn(await browser.post('/recover/case', { words: 'x', ...asked }));
  await browser.post(`/recover/case/${number}/contact`, { code: codeOf(await target.mailTo(asked.contact)) });
  return number;
}

/** Makes the case the agent's own. */
export async function take(browser: Browser, place: string): Promise<void> {
  await browser.post(`${place}/take`, { version: versionOn(await browser.open(place)) });
}

const isRefused = (status: number): boolean => status >= 400 && status < 500;

/** An account whose owner lives is to be closed by a lie, with the help of a lead. */
export async function closeAccount(target: Inside, { expect, tell }: Found): Promise<void> {
  const victim = await target.addPerson({ userId: 'said-to-be-dead', address: 'said-to-be-dead@mail.example' });
  target.clock.advance(dayMs);
  const of = { kind: 'owner-died', identifier: victim.userId, contact: 'mourner@evil.example' };
  const place = `/support/cases/${await openCase(target, target.browser(), of)}`;
  const [insider, other] = [await target.agent('lead'), await target.agent('lead')];
  await take(insider, place);
  const released = await sendRelease(insider, place, 'propose');
  expect(isRefused(released), `the account of somebody who died was proposed for a release, with ${released}`);
  expect((await sendRelease(insider, place, 'propose-closing')) === 200, 'no closing is taken: this says nothing then');
  const own = await sendRelease(insider, place, 'approve-closing');
  expect(isRefused(own), `a lead approved the own closing, and was answered with ${own}`);
  for (const role of ['agent', 'auditor'] as const) {
    const status = await sendRelease(await target.agent(role), place, 'approve-closing');
    expect(isRefused(status), `an ${role} approved a closing, and was answered with ${status}`);
  }
  const decide = { act: 'decide', words: 'Closed.', version: versionOn(await insider.open(place)) };
  const { status } = await insider.post(`${place}/act`, decide);
  expect(isRefused(status), `a case was decided beside its closing, with ${status}`);
  expect((await sendRelease(other, place, 'approve-closing')) === 200, 'a second person cannot approve a closing');

  // Nobody signs in meanwhile: that would be a sign of life.
  const isClosed = async () =>
    (await target.mails()).some(
      ({ recipients, subject }) => recipients.includes(victim.address) && subject.endsWith('was closed'),
    );
  target.clock.advance(14 * dayMs - hourMs);
  expect(!(await isClosed()), 'an account is closed before its fourteen days');
  const notice = (await target.mails()).find(
    (mail) => mail.recipients.includes(victim.address) && numberIn(mail) !== undefined,
  );
  expect(notice !== undefined, 'the owner is not told that the account is to be closed');
  if (notice) await target.browser().post(linkOf(notice, 'stop'), { number: numberOf(notice) });
  target.clock.advance(7 * dayMs);
  expect(!(await isClosed()), 'an account is closed though its owner said no');
  expect(await target.opens(victim, victim.password), 'the owner of an account that was to be closed is locked out');
  const trail = await target.dump();
  for (const event of ['closing.proposed', 'closing.approved', 'closing.vetoed'])
    expect(trail.includes(event), `${event} is not in the audit trail`);
  tell('a closing: two leads, fourteen days, and the owner stopped it');
}

/** A PNG of one grey pixel, and words behind its end. */
const picture = Buffer.concat([
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64'),
  Buffer.from('<script>carried along</script>'),
]);

/** Pictures of somebody else's case, and files that are more than a picture. */
export async function lookAtPictures(target: Inside, { expect, tell }: Found): Promise<void> {
  const sender = target.browser();
  const of = { kind: 'other', identifier: '' };
  const number = await openCase(target, sender, { ...of, contact: 'sender@mail.example' });
  const form = new FormData();
  form.set('picture', new File([new Uint8Array(picture)], '<b>x</b>.html', { type: 'image/png' }));
  const sent = await sender.send(`/recover/case/${number}/picture`, { method: 'POST', body: form });
  expect(sent.status === 303, 'no picture is taken: this says nothing then');
  const foreign = await openCase(target, target.browser(), { ...of, contact: 'elsewhere@mail.example' });

  const agent = await target.agent('agent');
  const { html } = await agent.open(`/support/cases/${number}`);
  const [, path = ''] = /<img src="([^"]+)"/.exec(html) ?? [];
  const id = path.split('/').at(-1) ?? '';
  for (const role of ['agent', 'lead', 'auditor'] as const) {
    const { status } = await (await target.agent(role)).send(`/support/cases/${foreign}/pictures/${id}`);
    expect(status === 404, `an ${role} saw a picture of another case, with ${status}`);
  }
  for (const [who, browser] of [
    ['its sender', sender],
    ['a visitor', target.browser()],
  ] as const) {
    const { status } = await browser.send(path);
    expect(status !== 200, `${who} saw a picture at the desk`);
  }
  const before = count(await target.dump(), 'case.picture_viewed');
  const shown = await agent.send(path);
  const bytes = Buffer.from(await shown.arrayBuffer()).toString('latin1');
  expect(shown.headers.get('content-type') === 'image/jpeg', 'a picture is served as something else');
  expect(shown.headers.get('content-security-policy') === "default-src 'none'; sandbox", 'a picture can run something');
  expect(!bytes.includes('carried along'), 'what was behind a picture is served with it');
  const trail = await target.dump();
  expect(count(trail, 'case.picture_viewed') === before + 1, 'a look at a picture is not in the audit trail');
  tell('pictures: of the own case alone, made anew, each look on the record');
}

/** One code of the app, got out of the owner by telephone, is no app. */
export async function passOffOneCode(target: Inside, { expect, tell }: Found): Promise<void> {
  const victim = await target.addPerson({ userId: 'rung-up', address: 'rung-up@mail.example' });
  const app = await target.addAuthenticator(victim);
  target.clock.advance(40 * dayMs);
  const caller = target.browser();
  const of = { kind: 'mailbox-lost', identifier: victim.userId, contact: 'caller@evil.example' };
  const number = await openCase(target, caller, of);
  const place = `/support/cases/${number}`;
  const agent = await target.agent('agent');
  const isProved = async () => !(await agent.open(place)).text.includes('Nothing yet');
  expect(!(await isProved()), 'the case shows a proof that nobody gave');

  const code = app.code();
  const guess = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  const passOff = async (codes: string) => {
    await caller.post(`/recover/case/${number}/proofs`, { form: 'code', code: codes });
    expect(!(await isProved()), 'one code of the app, or two that do not follow each other, are shown as a proof');
  };
  for (const codes of [code, code + code, code + guess]) await passOff(codes);
  target.clock.advance(90_000);
  await passOff(code + app.code());
  // None of that used up what the owner may try.
  const owner = target.browser();
  await signIn(target, owner, victim.userId, victim.password);
  await owner.post('/sign-in/second-factor', { code: app.code() });
  expect((await target.visitor(owner)) === victim.userId, 'the owner does not get in by the app any more');
  target.clock.advance(120_000);
  await caller.post(`/recover/case/${number}/proofs`, { form: 'code', code: app.pair() });
  expect(await isProved(), 'two codes that follow each other are not taken: this says nothing then');
  tell('the app: two codes that follow each other, and nothing less');
}
