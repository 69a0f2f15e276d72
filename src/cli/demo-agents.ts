// The agents of the demo's support desk: added and enrolled once, by the same links as anybody's, so that the desk can be
// walked. What their phones hold is told at every start, which only a demo may do.
import { createAgents } from '../agents/agents.ts';
import { workingAgents } from '../agents/agent-rows.ts';
import { createPasswords } from '../accounts/passwords.ts';
import { createAudit } from '../audit/audit.ts';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { createKeys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import { openDatabase } from '../database/open.ts';
import { createDatabaseCounter } from '../limits/counter.ts';
import { createLimits } from '../limits/limits.ts';
import { codeAt, stepMs, uriOf } from '../proofs/totp.ts';

const team = [
  { name: 'elena', role: 'agent', locale: 'es' },
  { name: 'owen', role: 'agent', locale: 'en' },
  { name: 'irene', role: 'lead', locale: 'es' },
] as const;

/** An agent, and what the authenticator app of that agent holds. */
export interface DemoAgent {
  readonly name: string;
  readonly role: string;
  /** otpauth: */
  readonly uri: string;
  /** The code of now. */
  code(): string;
}

/** Beside the server, as the command line works too; `password`: of each. */
export async function seedAgents(
  settings: Settings,
  { password, log }: { readonly password: string; readonly log: Log },
): Promise<readonly DemoAgent[]> {
  const db = await openDatabase(settings.database, { log });
  try {
    const keys = createKeys(settings.keys);
    const parts = { db, keys, clock: systemClock, random: systemRandom, site: 'default' };
    const passwords = createPasswords({ ...parts, minLength: settings.passwordMinLength, siteName: settings.siteName });
    const limits = createLimits({ counter: createDatabaseCounter(parts) });
    const agents = createAgents({ ...parts, audit: createAudit(parts), passwords, limits, settings, log });

    for (const agent of (await agents.list()).length === 0 ? team : []) {
      const added = await agents.add(agent);
      const enrolling = added.ok ? await agents.enrolling(added.token) : undefined;
      if (!added.ok || !enrolling) throw new Error(`${agent.name} was not added`);
      const { token } = added;
      const enrolAt = (at: number) => {
        const code = codeAt(enrolling.secret, at);
        return agents.enrol({ token, password, repeated: password, code, passkey: '', source: '' });
      };
      // By the code before this one, which is still taken: that of now is left for the first sign-in. A step may just end.
      const first = await enrolAt(systemClock.now() - stepMs);
      const enrolled = first.ok ? first : await enrolAt(systemClock.now());
      if (!enrolled.ok) throw new Error(`${agent.name} was not enrolled: ${enrolled.reason}`);
    }
    const rows = await workingAgents(db.read, 'default').orderBy('added_at').execute();
    return rows.flatMap(({ name, role, secret_sealed }) => {
      const secret = secret_sealed === null ? undefined : keys.open(secret_sealed);
      if (secret === undefined) return [];
      const uri = uriOf(secret, { issuer: settings.siteName, label: name });
      return [{ name, role, uri, code: () => codeAt(secret, systemClock.now()) }];
    });
  } finally {
    await db.close();
  }
}
