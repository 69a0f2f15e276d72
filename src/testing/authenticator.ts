// The authenticator app of somebody in a test, set up by the pages that a person would use: by paths and field names, so
// that it works in every language.
import { TOTP, URI } from 'otpauth';
import type { Clock } from '../base/clock.ts';
import { pathOf } from '../http/routes.ts';
import { stepMs } from '../proofs/totp.ts';
import type { Browser } from './browser.ts';

/** What the app on a person's phone shows, and the codes that they have written down. */
export interface TestAuthenticator {
  /** The code of now, by the test's clock. Each code works once: `advance` 30 seconds for the next one. */
  code(): string;
  /** That code and the one after it, as a support case asks for. */
  pair(): string;
  /** Each works once, instead of a code of the app. */
  readonly spareCodes: readonly string[];
}

export interface SetUpNeeds {
  /** One that nobody has used. */
  readonly browser: Browser;
  readonly clock: Clock;
  readonly basePath: string;
  readonly account: { readonly userId: string; readonly password: string };
}

/** Signs in, switches an authenticator app on, and signs out again. */
export async function setUpAuthenticator({
  browser,
  clock,
  basePath,
  account: { userId, password },
}: SetUpNeeds): Promise<TestAuthenticator> {
  const path = (name: Parameters<typeof pathOf>[1]) => pathOf(basePath.replace(/\/$/, ''), name);
  await browser.post(path('sign-in'), { identifier: userId, password });
  const setUp = await browser.post(path('authenticator'), { password });
  const uri = Array.from(setUp.links.values()).find((link) => link.startsWith('otpauth:'));
  const app = uri === undefined ? undefined : URI.parse(uri.replaceAll('&amp;', '&'));
  if (!(app instanceof TOTP)) throw new Error(`${userId} cannot set up an authenticator app: ${setUp.text}`);
  const codeAt = (timestamp: number) => app.generate({ timestamp });
  // The code before this one is still taken, so that the code of now is left for the test.
  const on = await browser.post(path('authenticator.set-up'), { code: codeAt(clock.now() - stepMs) });
  const spareCodes = on.text.match(/\b[A-Z\d]{5}-[A-Z\d]{5}\b/g) ?? [];
  if (spareCodes.length === 0) throw new Error(`${userId} did not set up an authenticator app: ${on.text}`);
  await browser.post(path('sign-out.send'), {});
  const pair = () => codeAt(clock.now()) + codeAt(clock.now() + stepMs);
  return { code: () => codeAt(clock.now()), pair, spareCodes };
}
