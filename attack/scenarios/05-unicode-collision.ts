import type { Scenario } from '../scenario.ts';
import { askForCode, recoveryOn } from '../walk.ts';

/** As careless code makes one identifier of another. */
const folds: readonly ((text: string) => string)[] = [
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase().toLowerCase(),
  (text) => text.normalize('NFKC').toLowerCase(),
  (text) => text.toLocaleLowerCase('tr'),
  (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(),
];

/** Between them every letter and digit. */
const victimIds = ['abcdefghijklmnopqrstuvwxyz', 'victim-0123456789'] as const;

/** Every character up to `last` that one of them makes an ASCII letter or digit of, with that. */
function collisions(last: number): readonly { readonly character: string; readonly ascii: string }[] {
  const found = new Map<string, string>();
  for (let point = 0x80; point <= last; point += 1) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const character = String.fromCodePoint(point);
    const ascii = folds.map((fold) => fold(character)).find((folded) => /^[a-z0-9]$/.test(folded));
    if (ascii !== undefined) found.set(character, ascii);
  }
  return Array.from(found, ([character, ascii]) => ({ character, ascii }));
}

/** What everybody should try, whatever the sample. */
const famous = ['ı', 'İ', '\u212a', 'ſ', 'ⓐ', 'ª', '²'];

export const unicodeCollision: Scenario = {
  number: 5,
  name: 'unicode-collision',
  title: 'An identifier that becomes another one by folding',
  cost: 'a domain or a user ID that looks alike',
  expectation: 'it is never the account of somebody else, and no mail goes to the address of that one',

  async inside(target, { expect, tell }) {
    const victims = [];
    for (const userId of victimIds) victims.push(await target.addPerson({ userId, address: `${userId}@mail.example` }));
    // A test has no seconds for all of Unicode: the Latin, Cyrillic, letter-like and enclosed characters are near its beginning.
    const all = collisions(target.sized(0x24ff, 0x10_ffff));
    const every = Math.max(1, Math.floor(all.length / target.sized(6, all.length)));
    const tried = all.filter(({ character }, at) => at % every === 0 || famous.includes(character));
    await target.mails();
    for (const { character, ascii } of tried) {
      const victimId = victimIds.find((each) => each.includes(ascii)) ?? victimIds[0];
      const twin = victimId.replace(ascii, character);
      const inDomain = `${victimId}@${'mail.example'.replace(ascii, character)}`;
      for (const identifier of [twin, `${twin}@mail.example`, inDomain]) {
        if (!identifier.includes(character)) continue;
        const browser = target.browser();
        const begun = await browser.post('/recover', { identifier });
        if (begun.status < 400 && recoveryOn(begun) !== '') await askForCode(target, browser, recoveryOn(begun));
      }
    }
    const mails = await target.mails();
    for (const { address } of victims) {
      const reached = mails.filter(({ recipients }) => recipients.includes(address));
      expect(reached.length === 0, `${reached.length} mails for look-alikes went to the stored address`);
    }
    // And a twin that is registered is a stranger: its own password, its own mailbox.
    const [victim] = victims;
    const twin = victimIds[0].replace('i', 'ı');
    await target.addOdd({ userId: twin, addresses: ['twin@mail.example'], password: 'the twin has this one' });
    expect(
      !victim || !(await target.opens(victim, 'the twin has this one')),
      'the password of a twin opens the account',
    );
    tell(
      `${tried.length} of ${all.length} characters that fold to ASCII, as user ID, in the address and in its domain`,
    );
  },
};
