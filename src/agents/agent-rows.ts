// The rows of agents. What is spent or may have changed meanwhile is judged in the statement that writes it.
import type { Selectable } from 'kysely';
import type { StoredPassword } from '../accounts/passwords.ts';
import type { Transaction } from '../database/database.ts';
import type { AgentsTable } from '../database/tables.ts';
import { isLocale, type Locale } from '../i18n/translate.ts';

export const agentRoles = ['agent', 'lead', 'auditor'] as const;
/** `auditor` sees everything and changes nothing. */
export type AgentRole = (typeof agentRoles)[number];

/** Whether single keys act on the pages of the desk (WCAG 2.2 SC 2.1.4). */
export type Shortcuts = 'on' | 'off';

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly role: AgentRole;
  readonly locale: Locale;
  readonly shortcuts: Shortcuts;
}

/** An agent as the operator's list shows it. Times in UTC epoch ms. */
export interface ListedAgent extends Agent {
  readonly addedAt: number;
  /** `null`: the link was not used yet, and nobody can sign in by this name. */
  readonly enrolledAt: number | null;
  readonly signedInAt: number | null;
  /** `null`, or in the past: here. */
  readonly awayUntil: number | null;
}

export type AgentRow = Selectable<AgentsTable>;

export const isAgentRole = (text: string): text is AgentRole => agentRoles.some((role) => role === text);

export function agentOf({ id, name, role, locale, shortcuts }: Pick<AgentRow, keyof Agent>): Agent {
  if (!isAgentRole(role) || !isLocale(locale)) throw new Error(`an agent has the role ${role} and speaks ${locale}`);
  return { id, name, role, locale, shortcuts: shortcuts === 'off' ? 'off' : 'on' };
}

export const listedOf = (row: AgentRow): ListedAgent => ({
  ...agentOf(row),
  addedAt: row.added_at,
  enrolledAt: row.enrolled_at,
  signedInAt: row.signed_in_at,
  awayUntil: row.away_until,
});

/** The password of an agent who is enrolled. */
export const storedPasswordOf = ({
  password_hash: hash,
  password_key_id: keyId,
}: AgentRow): StoredPassword | undefined => (hash !== null && keyId !== null ? { hash, keyId } : undefined);

/** Those who work here: whoever was removed has no name any more that anything goes by. */
export const workingAgents = (reader: Transaction, site: string) =>
  reader.selectFrom('agents').selectAll().where('site', '=', site).where('removed_at', 'is', null);

/** Changes an agent who still works here. */
export const updateWorking = (
  tx: Transaction,
  id: string,
  change: Partial<Pick<AgentRow, 'role' | 'away_until' | 'shortcuts' | 'removed_at' | 'secret_sealed' | 'last_step'>> &
    Partial<Pick<AgentRow, 'password_hash' | 'password_key_id' | 'enrolled_at' | 'signed_in_at'>>,
) =>
  tx
    .updateTable('agents')
    .set(change)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
