// How an agent signs in: name, password and second factor in one form, and one refusal for whatever of them is wrong. Every try
// that is compared runs exactly one Argon2id and the same statements, whoever it names. No count of one agent or of
// one network keeps another agent out.
import type { Passwords, StoredPassword } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import { stepOf } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import { type Agent, agentOf, type AgentRow, storedPasswordOf, updateWorking, workingAgents } from './agent-rows.ts';
import type { AgentLimits } from './agent-limits.ts';
import type { AgentSessions, SessionUse, SignedInAgent } from './agent-sessions.ts';
import { readAgentCode } from './code.ts';
import type { PasskeyAnswer, Passkeys } from './passkeys.ts';
import { agentNameKey } from './roster.ts';

/** A second factor that was right. */
type Factor =
  | { readonly by: 'app'; readonly step: number }
  | { readonly by: 'passkey'; readonly answer: PasskeyAnswer };

export interface AgentSignIn {
  /** A session, for password and second factor together. */
  signIn(request: {
    readonly name: string;
    readonly password: string;
    /** Of the app; not looked at where there is a passkey. */
    readonly code: string;
    /** What the browser's passkey signed, as JSON; empty for the app. */
    readonly passkey: string;
    readonly source: string;
  }): Promise<Outcome<{ readonly agent: Agent; readonly token: string; readonly expiresAt: number }, Refusal>>;
  /** Who is signed in with this token; nobody once the agent was removed, after 30 minutes without a request, or 8 hours. */
  signedIn(token: string, by: SessionUse): Promise<SignedInAgent | undefined>;
  signOut(token: string, source: string): Promise<void>;
}

export interface AgentSignInNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly passwords: Passwords;
  readonly sessions: AgentSessions;
  readonly passkeys: Passkeys;
  readonly agentLimits: AgentLimits;
  readonly site: string;
}

export function createAgentSignIn(needs: AgentSignInNeeds): AgentSignIn {
  const { db, keys, clock, audit, limits, passwords, sessions, passkeys, agentLimits, site } = needs;

  /** Which second factor of the agent was right, if one was; it is not spent yet. */
  function factorOf(row: AgentRow, code: string, answer: PasskeyAnswer | undefined): Factor | undefined {
    if (answer) return answer.agentId === row.id ? { by: 'passkey', answer } : undefined;
    const secret = row.secret_sealed === null ? undefined : keys.open(row.secret_sealed);
    const step = code === '' || secret === undefined ? undefined : stepOf(secret, code, clock.now());
    return step === undefined ? undefined : { by: 'app', step };
  }

  /** Of sixteen at once one spends the code or the passkey's answer, and gets in. */
  async function spend(tx: Transaction, agentId: string, factor: Factor): Promise<boolean> {
    if (factor.by === 'passkey') return passkeys.use(tx, factor.answer);
    const spent = await tx
      .updateTable('agents')
      .set({ last_step: factor.step })
      .where('id', '=', agentId)
      .where('last_step', '<', factor.step)
      .returning('id')
      .executeTakeFirst();
    return spent !== undefined;
  }

  async function enter(
    right:
      | {
          readonly found: AgentRow;
          readonly stored: StoredPassword;
          readonly factor: Factor;
          readonly password: string;
        }
      | undefined,
    { found, source }: { readonly found: AgentRow | undefined; readonly source: string },
  ) {
    const renewed =
      right && passwords.isOutdated(right.stored)
        ? await passwords.hash(right.password.normalize('NFC'))
        : right?.stored;
    return db.write(async (tx) => {
      // Held, and the password is still the one that was compared: a removal or an enrolment beside this comes before it.
      const held =
        right &&
        (await tx
          .updateTable('agents')
          .set({ removed_at: null })
          .where('id', '=', right.found.id)
          .where('removed_at', 'is', null)
          .where('password_hash', '=', right.stored.hash)
          .returningAll()
          .executeTakeFirst());
      if (held && renewed && right && (await spend(tx, held.id, right.factor))) {
        await updateWorking(tx, held.id, {
          signed_in_at: clock.now(),
          password_hash: renewed.hash,
          password_key_id: renewed.keyId,
        });
        const session = await sessions.begin(tx, held.id);
        const facts = { with: right.factor.by };
        await audit.append(tx, { event: 'agent.signed_in', subjectId: held.id, source, facts });
        return { agent: agentOf(held), ...session };
      }
      await audit.append(tx, { event: 'agent.sign_in_failed', source, ...(found && { subjectId: found.id }) });
      return undefined;
    });
  }

  return {
    signIn: passwords.bounded(async ({ name, password, code, passkey, source }) => {
      if (name.trim() === '') return refuse('agent-name-missing');
      if (password === '') return refuse('password-missing');
      const read = passkey === '' ? readAgentCode(code) : accept({ code: '' });
      if (!read.ok) return read;

      // By the name in its network: a stranger elsewhere cannot use it up, nor one colleague those of another.
      const tried = keys.hash('agent-try', site, agentNameKey(name), source);
      const counted = [
        ['agent-sign-in', tried],
        ['agent-sign-in-source', source],
      ] as const;
      for (const [limit, who] of counted) {
        const within = await limits.take(limit, who);
        if (!within.ok) return refuse('agent-later', within.retryAfterMs);
      }
      let countedAs: string | undefined;
      const giveBack = () =>
        Promise.all([
          ...counted.map(([limit, who]) => limits.giveBack(limit, who)),
          ...(countedAs === undefined ? [] : [limits.giveBack('agent-second-factor', countedAs)]),
        ]);

      try {
        const found = await workingAgents(db.read, site)
          .where('name_key', '=', agentNameKey(name))
          .where('enrolled_at', 'is not', null)
          .executeTakeFirst();
        const stored = found && storedPasswordOf(found);
        const isRight = await passwords.verify(password, stored);
        const known = isRight && found && stored ? { found, stored } : undefined;
        // Whoever it says it is of: how long that takes tells nothing about the password.
        const answer = passkey === '' ? undefined : await passkeys.readAnswer(passkey);
        // Only who knows the password uses up an agent's codes; for anybody else the same is written elsewhere.
        countedAs = known ? known.found.id : tried;
        const within = await agentLimits.take('agent-second-factor', found?.id, countedAs);
        const factor = known && within.ok ? factorOf(known.found, read.code, answer) : undefined;
        const entered = await enter(known && factor && { ...known, factor, password }, { found, source });
        if (!entered) return refuse('agent-sign-in-failed');
        await giveBack();
        return accept(entered);
      } catch (fault) {
        // A fault of ours counts against nobody.
        await Promise.allSettled([giveBack()]);
        throw fault;
      }
    }),

    signedIn: sessions.find,

    async signOut(token, source) {
      await db.write(async (tx) => {
        const ended = await sessions.end(tx, token);
        if (ended) await audit.append(tx, { event: 'agent.signed_out', subjectId: ended.agentId, source });
      });
    },
  };
}
