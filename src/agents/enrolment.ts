// How an agent begins: by a link that the operator made, once, with a password of the agent's own and a second factor.
// Nothing is kept of what is being set up: the secret of the app follows from the link, so a reload shows the same picture.
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import { newSecret, stepOf, uriOf } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import { type Agent, agentOf, updateWorking } from './agent-rows.ts';
import type { AgentSessions } from './agent-sessions.ts';
import { readAgentCode } from './code.ts';
import type { NewPasskey, Passkeys } from './passkeys.ts';
import { agentPasswordMinLength } from './policy.ts';
import { deleteOver } from '../database/batches.ts';

export interface Enrolling {
  readonly agent: Agent;
  /** What the authenticator app is to hold, base32, and as the address of its QR code. */
  readonly secret: string;
  readonly uri: string;
}

/** The second factor that was proved. */
type Factor = { readonly by: 'app'; readonly step: number } | { readonly by: 'passkey'; readonly made: NewPasskey };

export interface Enrolment {
  /** Who is enrolled by this link; `undefined`: it was used, is too old, or never was one. */
  enrolling(token: string): Promise<Enrolling | undefined>;
  /** Sets password and second factor, spends the link, and ends whatever was signed in by what was there before. */
  enrol(request: {
    readonly token: string;
    readonly password: string;
    readonly repeated: string;
    /** The first code of the app; not looked at where there is a passkey. */
    readonly code: string;
    /** What the browser made, as JSON; empty for the app. */
    readonly passkey: string;
    readonly source: string;
  }): Promise<Outcome<{ readonly agent: Agent }, Refusal>>;
  /** Deletes links that were not used in time. */
  forgetLinks(): Promise<void>;
}

export interface EnrolmentNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly passwords: Passwords;
  readonly sessions: AgentSessions;
  readonly passkeys: Passkeys;
  readonly settings: Settings;
  readonly site: string;
}

export function createEnrolment({
  db,
  keys,
  clock,
  audit,
  limits,
  passwords,
  sessions,
  passkeys,
  settings,
  site,
}: EnrolmentNeeds): Enrolment {
  async function find(token: string) {
    const row = await db.read
      .selectFrom('agent_enrolments as link')
      .innerJoin('agents', 'agents.id', 'link.agent_id')
      .select([
        'agents.id',
        'agents.name',
        'agents.role',
        'agents.locale',
        'agents.shortcuts',
        'link.token_hash as tokenHash',
      ])
      .where('link.site', '=', site)
      .where('link.token_hash', 'in', keys.hashes('agent-enrolment', token))
      .where('link.expires_at', '>', clock.now())
      .where('agents.removed_at', 'is', null)
      .executeTakeFirst();
    return row && { agent: agentOf(row), tokenHash: row.tokenHash, secret: secretOf(row.tokenHash, token) };
  }

  /** Under the key that the link was made with, so that a new key changes no picture. */
  function secretOf(tokenHash: string, token: string): string {
    const keyId = tokenHash.slice(0, tokenHash.indexOf('.') + 1);
    const made = keys.hashes('agent-enrolment', 'secret', token).find((hash) => hash.startsWith(keyId)) ?? '';
    const bytes = Buffer.from(made.slice(keyId.length), 'base64url');
    return newSecret({ bytes: (length) => bytes.subarray(0, length) });
  }

  function proveApp(secret: string, code: string): Outcome<Factor, 'agent-code-shape' | 'agent-code-wrong'> {
    const read = readAgentCode(code);
    if (!read.ok) return read;
    const step = stepOf(secret, read.code, clock.now());
    return step === undefined ? refuse('agent-code-wrong') : accept({ by: 'app', step });
  }

  async function provePasskey(agent: Agent, typed: string): Promise<Outcome<Factor, 'agent-passkey-wrong'>> {
    const made = await passkeys.readNew(agent, typed);
    return made ? accept({ by: 'passkey', made }) : refuse('agent-passkey-wrong');
  }

  return {
    async enrolling(token) {
      const found = await find(token);
      if (!found) return undefined;
      const { agent, secret } = found;
      return { agent, secret, uri: uriOf(secret, { issuer: `${settings.siteName} support`, label: agent.name }) };
    },

    enrol: passwords.bounded(async ({ token, password, repeated, code, passkey, source }) => {
      const found = await find(token);
      if (!found) {
        const within = await limits.take('agent-sign-in-source', source);
        return within.ok ? refuse('agent-link-over') : within;
      }
      const { agent, secret, tokenHash } = found;
      const checked = passwords.check(password, { names: [agent.name], atLeast: agentPasswordMinLength });
      if (!checked.ok) return checked;
      if (repeated.normalize('NFC') !== checked.normalised) return refuse('passwords-differ');
      const factor = passkey === '' ? proveApp(secret, code) : await provePasskey(agent, passkey);
      if (!factor.ok) return factor;
      const { hash, keyId } = await passwords.hash(checked.normalised);

      return db.write(async (tx) => {
        // First the agent, as a removal does: so neither waits for the other, and after it there is no link.
        if (!(await updateWorking(tx, agent.id, { removed_at: null }))) return refuse('agent-link-over');
        const spent = await tx
          .deleteFrom('agent_enrolments')
          .where('agent_id', '=', agent.id)
          .where('token_hash', '=', tokenHash)
          .where('expires_at', '>', clock.now())
          .returning('agent_id')
          .executeTakeFirst();
        if (!spent) return refuse('agent-link-over');
        await updateWorking(tx, agent.id, {
          password_hash: hash,
          password_key_id: keyId,
          secret_sealed: factor.by === 'app' ? keys.seal(secret) : null,
          last_step: factor.by === 'app' ? factor.step : 0,
          enrolled_at: clock.now(),
        });
        await passkeys.dropAll(tx, agent.id);
        // A device makes a name of its own for each: only a forged one is taken.
        if (factor.by === 'passkey' && !(await passkeys.add(tx, agent.id, factor.made)))
          throw new Problem('bad-request', 'a passkey that is there already');
        await sessions.endAll(tx, agent.id);
        await audit.append(tx, { event: 'agent.enrolled', subjectId: agent.id, source, facts: { with: factor.by } });
        return accept({ agent });
      });
    }),

    async forgetLinks() {
      const now = clock.now();
      await deleteOver(db, 'agent_enrolments', (row) => row('expires_at', '<=', now));
    },
  };
}
