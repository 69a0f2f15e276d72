// The steps of a recovery, as a program takes them: by path and field name, in whatever language the pages are.
import type { Browser, Page } from '../src/testing/browser.ts';
import { codeIn, linksIn, numberIn } from '../src/testing/mail-text.ts';
import type { Inside, Outside, SentMail } from './target.ts';

export const newPassword = 'seven green umbrellas';

/** The id of the recovery in the forms of a page. */
export const recoveryOn = ({ html }: Pick<Page, 'html'>): string =>
  /name="recovery" value="([^"]+)"/.exec(html)?.[1] ?? '';

export const begin = (target: Outside, browser: Browser, identifier: string): Promise<Page> =>
  browser.post(target.path('/recover'), { identifier });

/** Asks for the mail; the browser is at the page of the code then. */
export async function askForCode(
  target: Outside,
  browser: Browser,
  recovery = recoveryOn(browser.page),
): Promise<Page> {
  return browser.post(target.path('/recover/method'), { recovery });
}

export async function reachCode(target: Outside, browser: Browser, identifier: string): Promise<string> {
  const recovery = recoveryOn(await begin(target, browser, identifier));
  await askForCode(target, browser, recovery);
  return recovery;
}

export const enterCode = (target: Outside, browser: Browser, recovery: string, code: string): Promise<Page> =>
  browser.post(target.path('/recover/code'), { recovery, code });

export const setPassword = (
  target: Outside,
  browser: Browser,
  recovery: string,
  password = newPassword,
): Promise<Page> =>
  browser.post(target.path('/recover/password'), { recovery, username: '', password, repeated: password });

export const signIn = (target: Outside, browser: Browser, identifier: string, password: string): Promise<Page> =>
  browser.post(target.path('/sign-in'), { identifier, password });

/** From the identifier to where a new password is asked for, by the owner's mailbox. */
export async function prove(target: Inside, browser: Browser, address: string): Promise<string> {
  const recovery = await reachCode(target, browser, address);
  await enterCode(target, browser, recovery, codeOf(await target.mailTo(address)));
  return recovery;
}

/** Whether the page asks for a new password. */
export const asksForPassword = ({ html }: Pick<Page, 'html'>): boolean => html.includes('name="repeated"');

export const codeOf = (mail: SentMail): string => orThrow(codeIn(mail), 'code', mail);
export const numberOf = (mail: SentMail): string => orThrow(numberIn(mail), 'number', mail);

/** The path of the link in a mail that leads to `place`. */
export const linkOf = (mail: SentMail, place: 'link' | 'stop'): string =>
  new URL(
    orThrow(
      linksIn(mail).find((each) => each.includes(`/recover/${place}/`)),
      'link',
      mail,
    ),
  ).pathname;

function orThrow(found: string | undefined, what: string, mail: SentMail): string {
  if (found === undefined) throw new Error(`no ${what} in: ${mail.text}`);
  return found;
}

/** A code of the same length that is not right. */
export const wrong = (code: string): string => code.replace(/\d$/, (last) => String((Number(last) + 1) % 10));

/** What a cookie is called that is named so, whatever is put before it over https. */
export const cookieOf = (browser: Browser, name: string): readonly [name: string, value: string] =>
  Array.from(browser.cookies()).find(([each]) => each.endsWith(`account-${name}`)) ?? [name, ''];

/** A browser that has stolen a cookie. */
export function thiefWith(target: Outside, [name, value]: readonly [string, string]): Browser {
  const thief = target.browser();
  thief.setCookie(name, value);
  return thief;
}
