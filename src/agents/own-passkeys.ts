// What a signed-in agent does with the own passkeys: makes further ones, takes one away. Each asks for the password again.
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import type { Refusal } from '../refusals.ts';
import { type Agent, storedPasswordOf, updateWorking, workingAgents } from './agent-rows.ts';
import type { ListedPasskey, Passkeys } from './passkeys.ts';
import { agentNameKey } from './roster.ts';

export interface AgentAsking {
  readonly agent: Agent;
  readonly password: string;
  readonly source: string;
}

export interface OwnPasskeys {
  passkeysOf(agentId: string): Promise<readonly ListedPasskey[]>;
  addPasskey(asking: AgentAsking & { readonly passkey: string }): Promise<Outcome<unknown, Refusal>>;
  removePasskey(asking: AgentAsking & { readonly id: string }): Promise<Outcome<unknown, Refusal>>;
}

export interface OwnPasskeysNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
  readonly site: string;
}

export function createOwnPasskeys({
  db,
  keys,
  audit,
  limits,
  passwords,
  passkeys,
  site,
}: OwnPasskeysNeeds): OwnPasskeys {
  const rowOf = (id: string) => workingAgents(db.read, site).where('id', '=', id).executeTakeFirst();

  /** Wrong ones count as those at the sign-in do. */
  const provePassword = passwords.bounded(
    async ({ agent, password, source }: AgentAsking): Promise<Outcome<unknown, Refusal>> => {
      if (password === '') return refuse('password-missing');
      const tried = keys.hash('agent-try', site, agentNameKey(agent.name), source);
      const within = await limits.take('agent-sign-in', tried);
      if (!within.ok) return refuse('agent-later', within.retryAfterMs);
      const row = await rowOf(agent.id);
      const isRight = await passwords.verify(password, row && storedPasswordOf(row));
      if (isRight) {
        await limits.giveBack('agent-sign-in', tried);
        return accept();
      }
      const facts = { at: 'password again' };
      await db.write((tx) => audit.append(tx, { event: 'agent.sign_in_failed', subjectId: agent.id, source, facts }));
      return refuse('password-wrong');
    },
  );

  return {
    passkeysOf: passkeys.listOf,

    async addPasskey(asking) {
      const { agent, source } = asking;
      const proved = await provePassword(asking);
      if (!proved.ok) return proved;
      const made = await passkeys.readNew(agent, asking.passkey);
      if (!made) return refuse('agent-passkey-wrong');
      return db.write(async (tx) => {
        if (!(await updateWorking(tx, agent.id, { removed_at: null }))) throw new Problem('agent-missing');
        if (!(await passkeys.add(tx, agent.id, made)))
          throw new Problem('bad-request', 'a passkey that is there already');
        await audit.append(tx, { event: 'agent.passkey_added', subjectId: agent.id, source });
        return accept();
      });
    },

    async removePasskey(asking) {
      const { agent, source, id } = asking;
      const proved = await provePassword(asking);
      if (!proved.ok) return proved;
      return db.write(async (tx) => {
        // Held, so that of two removals at once the second one sees what is left.
        const row = await updateWorking(tx, agent.id, { removed_at: null });
        if (!row) throw new Problem('agent-missing');
        const others = await tx
          .selectFrom('agent_passkeys')
          .select('id')
          .where('agent_id', '=', agent.id)
          .where('id', '<>', id)
          .executeTakeFirst();
        if (row.secret_sealed === null && !others) return refuse('agent-factor-last');
        if (await passkeys.remove(tx, { id, agentId: agent.id }))
          await audit.append(tx, { event: 'agent.passkey_removed', subjectId: agent.id, source });
        return accept();
      });
    },
  };
}
