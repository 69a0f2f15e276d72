import { minuteMs, secondMs } from '../../src/base/clock.ts';
import type { Browser } from '../../src/testing/browser.ts';
import type { Scenario } from '../scenario.ts';
import type { Inside, SentMail } from '../target.ts';
import { asksForPassword, codeOf, enterCode, linkOf, newPassword, prove, reachCode, setPassword } from '../walk.ts';

const codeLifeMs = 30 * minuteMs;

interface Stale {
  readonly what: string;
  /** Makes the code of this recovery stale. */
  readonly by: (
    target: Inside,
    facts: {
      readonly browser: Browser;
      readonly recovery: string;
      readonly address: string;
      readonly mail: SentMail;
      readonly disable: () => Promise<void>;
    },
  ) => Promise<unknown>;
  /** Also by the link in the mail; not where that lives longer by design. */
  readonly ofLink: boolean;
}

const ways: readonly Stale[] = [
  {
    what: 'once it was used',
    by: async (target, { browser, recovery, mail }) => {
      await enterCode(target, browser, recovery, codeOf(mail));
      await setPassword(target, browser, recovery);
    },
    ofLink: true,
  },
  { what: 'a second after its time', by: async ({ clock }) => clock.advance(codeLifeMs), ofLink: false },
  {
    what: 'once a new one was made',
    by: async (target, { browser, recovery }) => {
      target.clock.advance(codeLifeMs + secondMs);
      await browser.post('/recover/code/again', { recovery });
      await target.mails();
    },
    ofLink: false,
  },
  {
    what: 'once the password was changed elsewhere',
    by: async (target, { address }) => {
      target.clock.advance(minuteMs);
      const owner = target.browser();
      await setPassword(target, owner, await prove(target, owner, address), newPassword);
    },
    ofLink: true,
  },
  { what: 'once its address was removed', by: (target, { address }) => target.removeAddress(address), ofLink: true },
  { what: 'once the account was disabled', by: (_, { disable }) => disable(), ofLink: true },
];

export const staleCode: Scenario = {
  number: 13,
  name: 'stale-code',
  title: 'A code or link that was used before, or is too old',
  cost: 'an old mail',
  expectation: 'refused, typed or by its link; a second before its time it counts',

  async inside(target, { expect, tell }) {
    let people = 0;
    const begin = async () => {
      people += 1;
      const person = await target.addPerson({
        userId: `stale${people}`,
        addresses: [`stale${people}@mail.example`, `other${people}@mail.example`],
      });
      const browser = target.browser();
      const recovery = await reachCode(target, browser, person.address);
      const mail = await target.mailTo(person.address);
      return { browser, recovery, mail, address: person.address, disable: () => target.disable(person) };
    };
    for (const { what, by, ofLink } of ways) {
      const facts = await begin();
      await by(target, facts);
      const typed = await enterCode(target, facts.browser, facts.recovery, codeOf(facts.mail));
      expect(!asksForPassword(typed), `a code counts ${what}`);
      if (!ofLink) continue;
      const linked = await target.browser().post(linkOf(facts.mail, 'link'), { code: codeOf(facts.mail) });
      expect(!asksForPassword(linked), `a link counts ${what}`);
    }
    const { browser, recovery, mail } = await begin();
    target.clock.advance(codeLifeMs - 1);
    expect(
      asksForPassword(await enterCode(target, browser, recovery, codeOf(mail))),
      'a code does not count until its time is over',
    );
    tell(`${ways.length} ways to be stale`);
  },
};
