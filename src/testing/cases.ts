// A desk with many cases, put in as rows: open ones of one agent, of others, of nobody, some that wait for the person, and
// decided ones, opened one a minute until now. Every thirtieth has the same contact, every fortieth is about the same account.
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { CasesTable } from '../database/tables.ts';
import { noCode } from '../proofs/typed-address.ts';
import { caseKinds } from '../support/cases.ts';

export interface CasePile {
  readonly open: number;
  readonly decided: number;
  /** Whose the first sixty open ones are. */
  readonly agentId: string;
  /** Of the account that many are about. */
  readonly userId: string;
}

/** The contact that many share. */
export const sharedContact = 'everybody@mail.example';
export const ownPile = 60;

const letters = 'ACDEFGHJKMNPQRTVWXY34679';
/** A case number, another one for each `at`. */
export const numberOf = (at: number): string =>
  Array.from({ length: 9 }, (_, place) => letters.at(Math.trunc(at / letters.length ** place) % letters.length)).join(
    '',
  );

const rowsAtOnce = 500;

export async function pileCases(
  { db, keys, clock }: { readonly db: Database; readonly keys: Keys; readonly clock: { now(): number } },
  { open, decided, agentId, userId }: CasePile,
): Promise<void> {
  const now = clock.now();
  const site = 'default';
  const words = keys.seal('The person says what happened, in about as many words as people do. '.repeat(8));
  const codeHash = keys.hash('case-code', '', '');
  const about = {
    identifier_sealed: keys.seal(userId),
    identifier_hash: keys.hash('identifier', site, 'user-id', userId),
  };
  const shared = { address_sealed: keys.seal(sharedContact), address_hash: keys.hash('mailbox', site, sharedContact) };
  const own = keys.seal('somebody@mail.example');
  const all = open + decided;

  const caseAt = (at: number): CasesTable => {
    const isOpen = at < open;
    // What is decided is decided by now.
    const createdAt = now - (at % Math.max(open, decided)) * minuteMs - (isOpen ? 0 : 3 * dayMs);
    const isAnswered = !isOpen || at % 3 === 0;
    const states = ['received', 'received', 'received', 'asked', 'deciding'] as const;
    return {
      id: `case-${String(at).padStart(8, '0')}`,
      site,
      number: numberOf(at),
      code_hash: codeHash,
      kind: caseKinds[at % caseKinds.length] ?? 'other',
      state: isOpen ? (states[at % states.length] ?? 'received') : 'decided',
      version: 1,
      words_sealed: words,
      recovery_id: null,
      locale: at % 3 ? 'en' : 'es',
      promised_at: createdAt + 24 * hourMs,
      due_at: createdAt + 24 * hourMs,
      created_at: createdAt,
      ended_at: isOpen ? null : createdAt + ((at % 70) + 1) * hourMs,
      emptied_at: null,
      agent_id: isOpen ? (at < ownPile ? agentId : at % 7 ? null : `agent-${at % 97}`) : agentId,
      last_author: at % 2 ? 'person' : 'desk',
      last_at: createdAt,
      answered_at: isAnswered ? createdAt + ((at % 40) + 1) * 20 * minuteMs : null,
      identifier_sealed: '',
      identifier_hash: '',
      decided_at: isOpen ? null : createdAt + ((at % 70) + 1) * hourMs,
      corrected_at: null,
      earlier_sealed: null,
      earlier_hash: null,
      reopened_at: at % 50 === 0 ? now - (at % 90) * dayMs : null,
      ...(at % 40 === 0 && about),
    };
  };

  for (let from = 0; from < all; from += rowsAtOnce) {
    const part = Array.from({ length: Math.min(rowsAtOnce, all - from) }, (_, index) => from + index);
    await db.write(async (tx) => {
      await tx.insertInto('cases').values(part.map(caseAt)).execute();
      await tx
        .insertInto('case_contacts')
        .values(
          part.map((at) => ({
            id: `contact-${at}`,
            site,
            case_id: caseAt(at).id,
            address_sealed: own,
            address_hash: keys.hash('mailbox', site, `somebody${at}@mail.example`),
            ...(at % 30 === 0 && shared),
            code_random: noCode,
            code_key_id: keys.currentId,
            code_expires_at: now + dayMs,
            mail_asked_at: now,
            tries: 0,
            version: 1,
            created_at: now,
            confirmed_at: now,
            replaced_at: null,
          })),
        )
        .execute();
    });
  }
}
