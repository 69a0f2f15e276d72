// A mail server in memory: it takes what the outbox sends, keeps it, and is asked for the last code or link of an address.
import type { Delivery, Mail, MailSender } from '../mail/smtp.ts';
import { codeIn, linksIn, numberIn } from './mail-text.ts';

export interface TestMail {
  /** The address that it went to. */
  readonly to: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
  /** UTC epoch ms, of the test's clock. */
  readonly writtenAt: number;
}

/** How it treats mail: takes it, refuses it for good, puts it off, or does not answer. */
export type Manner = Delivery['result'];

/** Each question first runs the background jobs once, so that what is due has arrived. */
export interface TestMailbox {
  /** Every mail, newest first. */
  mails(): Promise<readonly TestMail[]>;
  /** The newest mail to the address. Throws where there is none. */
  last(address: string): Promise<TestMail>;
  /** The code in the newest mail to the address that has one: digits only, as a person would paste it. */
  codeTo(address: string): Promise<string>;
  /** The number in the newest notice to the address: digits only. */
  numberTo(address: string): Promise<string>;
  /** The links in the newest mail to the address, in the order of its text. */
  linksTo(address: string): Promise<readonly string[]>;
  /** How the mail server behaves from now on: it accepts at first. */
  behave(manner: Manner): void;
}

export function createMemoryMailbox(runJobs: () => Promise<void>): { mailbox: TestMailbox; sender: MailSender } {
  const kept: TestMail[] = [];
  let manner: Manner = 'accepted';

  const to = async (address: string) => {
    await runJobs();
    return kept.filter((mail) => mail.to === address);
  };
  const orThrow = <T>(found: T | undefined, what: string, address: string): T => {
    if (found !== undefined) return found;
    const others = kept.map((mail) => `  ${mail.to}: ${mail.subject}`).join('\n');
    throw new Error(`There is no ${what} to ${address}. ${others ? `There are:\n${others}` : 'No mail went out.'}`);
  };
  const last = async (address: string) => orThrow((await to(address))[0], 'mail', address);

  return {
    mailbox: {
      async mails() {
        await runJobs();
        return [...kept];
      },
      last,
      async codeTo(address) {
        const code = (await to(address)).map(codeIn).find((each) => each !== undefined);
        return orThrow(code, 'mail with a code', address);
      },
      async numberTo(address) {
        const number = (await to(address)).map(numberIn).find((each) => each !== undefined);
        return orThrow(number, 'mail with a number', address);
      },
      linksTo: async (address) => linksIn(await last(address)),
      behave(next) {
        manner = next;
      },
    },
    sender: {
      async send({ from, to: { address }, message, language, writtenAt }: Mail) {
        if (manner !== 'accepted') return { result: manner, detail: `the test's mail server: ${manner}` };
        kept.unshift({ to: address, from, ...message, language, writtenAt });
        return { result: 'accepted' };
      },
      close: async () => {},
    },
  };
}
