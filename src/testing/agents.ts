// Agents of the support desk in a test: added as the command line adds them, enrolled and signed in by the pages that they
// would use.
import { TOTP, URI } from 'otpauth';
import type { AgentRole } from '../agents/agents.ts';
import type { App } from '../app.ts';
import type { Clock } from '../base/clock.ts';
import type { Locale } from '../i18n/translate.ts';
import { stepMs } from '../proofs/totp.ts';
import type { Browser, Page } from './browser.ts';

export interface TestAgent {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  /** What the agent's phone shows. Each code works once: `advance` 30 seconds for the next one. */
  code(): string;
}

export const agentPassword = 'nine calm otters waiting';

interface AgentNeeds {
  readonly app: Pick<App, 'agents'>;
  readonly clock: Clock;
  readonly browser: () => Browser;
}

/** Adds an agent, and goes through the enrolment link with an authenticator app. */
export async function enrolAgent(
  { app, clock, browser }: AgentNeeds,
  {
    name,
    role = 'agent',
    locale = 'en',
  }: { readonly name: string; readonly role?: AgentRole; readonly locale?: Locale },
): Promise<TestAgent> {
  const added = await app.agents.add({ name, role, locale });
  if (!added.ok) throw new Error(`${name}: ${added.reason}`);
  const enrolling = browser();
  const path = `/support/enrol/${added.token}`;
  const codeAt = codesOn(await enrolling.open(path));
  const password = agentPassword;
  // The code before this one is still taken, so that the code of now is left for the test.
  const code = codeAt(clock.now() - stepMs);
  const done = await enrolling.post(path, { username: name, password, repeated: password, code });
  if (!done.path.startsWith('/support/sign-in')) throw new Error(`${name} was not enrolled: ${done.text}`);
  return { id: added.agent.id, name, password, code: () => codeAt(clock.now()) };
}

/** The codes of the app that is set up on a page, by the time in UTC epoch ms. */
export function codesOn(page: Page): (timestamp: number) => string {
  const uri = Array.from(page.links.values()).find((link) => link.startsWith('otpauth:'));
  const app = uri === undefined ? undefined : URI.parse(uri);
  if (!(app instanceof TOTP)) throw new Error(`no authenticator app is set up on: ${page.text}`);
  return (timestamp) => app.generate({ timestamp });
}

/** Signs an agent in, whatever page the browser is at. */
export const signInAgent = (browser: Browser, agent: TestAgent): Promise<Page> =>
  browser.post('/support/sign-in', { name: agent.name, password: agent.password, code: agent.code(), returnTo: '' });
