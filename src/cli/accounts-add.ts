// `rekey accounts add USER-ID`: one account, with a password that is typed or read from standard input, never given as an
// argument (others see those), or without one: then its owner makes one by recovering the account.
import { text } from 'node:stream/consumers';
import { readAddress, readUserId } from '../accounts/identifiers.ts';
import { createOwnDirectory } from '../accounts/own.ts';
import { createPasswords, type PasswordRefusal, type StoredPassword } from '../accounts/passwords.ts';
import { Problem } from '../base/problem.ts';
import { en } from '../i18n/en.ts';
import { translator } from '../i18n/translate.ts';
import { type Site, type SiteOptions, withSite } from './site.ts';

export interface AddOptions extends SiteOptions {
  readonly email?: readonly string[] | undefined;
  readonly locale?: 'en' | 'es' | undefined;
  readonly passwordStdin: boolean;
  /** `--no-password` */
  readonly password: boolean;
  readonly json: boolean;
}

type Needed = 'languages' | 'siteName' | 'passwordMinLength';

export function addAccount(userId: string, { json, email = [], ...options }: AddOptions): Promise<void> {
  return withSite<void, Needed>(
    options,
    async (site) => {
      const named = readUserId(userId);
      if (!named.ok)
        throw refused(`The user ID ${JSON.stringify(userId)} cannot be used. ${en['refusal.user-id-shape']}`);
      const addresses = email.map((typed) => {
        const read = readAddress(typed);
        if (!read.ok) throw refused(`${JSON.stringify(typed)} is no address that mail goes to.`);
        return { address: read.address, key: read.key, isConfirmed: true };
      });
      const locale = options.locale ?? site.settings.languages[0] ?? 'en';
      const password = await readPassword([named.userId, ...email], options, site);
      const { db, audit } = site;
      await db.write(async (tx) => {
        const account = { userId: named.userId, locale, password, addresses };
        const made = await createOwnDirectory(site).create(tx, account);
        if (!made.ok) throw refused(`The user ID ${named.userId} is taken.`);
        await audit.append(tx, { event: 'accounts_added', accountId: made.accountId, facts: { count: 1 } });
      });
      const how = password === null ? ' Its owner makes a password by recovering it.' : '';
      console.log(json ? JSON.stringify({ userId: named.userId }) : `The account ${named.userId} was added.${how}`);
    },
    ['languages', 'siteName', 'passwordMinLength'],
  );
}

const refused = (sentence: string) => new Problem('account-refused', sentence);

async function readPassword(
  names: readonly string[],
  { passwordStdin, password: isWanted }: Pick<AddOptions, 'passwordStdin' | 'password'>,
  { keys, random, settings }: Site<Needed>,
): Promise<StoredPassword | null> {
  if (!isWanted) return null;
  const { siteName, passwordMinLength: minLength } = settings;
  const passwords = createPasswords({ keys, random, minLength, siteName });
  const judge = (typed: string) => {
    const checked = passwords.check(typed, { names });
    return checked.ok ? undefined : inWords(checked.reason, minLength);
  };
  const typed = passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : await ask(judge);
  const checked = passwords.check(typed, { names });
  if (!checked.ok) throw refused(inWords(checked.reason, minLength));
  return passwords.hash(checked.normalised);
}

const inWords = (reason: PasswordRefusal, length: number): string => translator('en')(`refusal.${reason}`, { length });

/** Asks twice, without showing anything. */
async function ask(judge: (typed: string) => string | undefined): Promise<string> {
  if (!process.stdin.isTTY) {
    throw refused('Nobody is here to type a password. Use --password-stdin, or --no-password.');
  }
  const { isCancel, password } = await import('@clack/prompts');
  const first = await password({
    message: 'Password',
    mask: '',
    output: process.stderr,
    validate: (typed = '') => judge(typed),
  });
  const again = isCancel(first)
    ? first
    : await password({ message: 'The same again', mask: '', output: process.stderr });
  if (isCancel(first) || isCancel(again)) throw refused('Stopped. No account was added.');
  if (first !== again) throw refused('The two passwords do not match. No account was added.');
  return first;
}
