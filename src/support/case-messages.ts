// What a person and the desk write to each other about a case. Words are kept sealed, go with the case's, and are shown as
// plain text alone.
import { randomToken } from '../base/random.ts';
import type { Transaction } from '../database/database.ts';
import type { CaseContactsNeeds } from './case-contact.ts';
import { type CaseRow, insertMessage, listMessages, type MessageRow, touchCase } from './case-rows.ts';
import { dueFrom } from './policy.ts';

export interface CaseMessage {
  readonly author: 'person' | 'desk';
  readonly words: string;
  /** UTC epoch ms. */
  readonly writtenAt: number;
}

/** Who writes: the person; the desk, for the person to read; or the desk, for itself. */
export type Author = { readonly author: 'person' } | { readonly author: 'desk' | 'note'; readonly agentId: string };

/** A message as the desk sees it; a `note` is for the desk alone. */
export interface WrittenMessage {
  readonly author: 'person' | 'desk' | 'note';
  /** `null`: the person. */
  readonly agentId: string | null;
  readonly words: string;
  /** UTC epoch ms. */
  readonly writtenAt: number;
}

export interface CaseMessages {
  /** What both wrote, the oldest first; never a note of the desk. */
  messagesOf(of: CaseRow): Promise<readonly CaseMessage[]>;
  /** The notes of the desk too. */
  allMessagesOf(of: CaseRow): Promise<readonly WrittenMessage[]>;
  /** Adds the words and holds the case until the transaction ends. `undefined`: what was written about it is deleted. */
  add(tx: Transaction, of: CaseRow, words: string, by: Author): Promise<CaseRow | undefined>;
}

export function createCaseMessages({
  db,
  keys,
  clock,
  random,
  settings,
  site,
}: Pick<CaseContactsNeeds, 'db' | 'keys' | 'clock' | 'random' | 'settings' | 'site'>): CaseMessages {
  const read = ({ author, agent_id, words_sealed, written_at }: MessageRow): WrittenMessage => ({
    author: author === 'person' || author === 'desk' ? author : 'note',
    agentId: agent_id,
    words: keys.open(words_sealed) ?? '',
    writtenAt: written_at,
  });

  return {
    async messagesOf(of) {
      const rows = await listMessages(db, of.id, ['person', 'desk']);
      return rows.map(read).map(({ author, words, writtenAt }) => ({
        author: author === 'person' ? 'person' : 'desk',
        words,
        writtenAt,
      }));
    },

    allMessagesOf: async (of) => (await listMessages(db, of.id, ['person', 'desk', 'note'])).map(read),

    async add(tx, of, words, by) {
      const now = clock.now();
      const touched = await touchCase(tx, of.id, { author: by.author, at: now, dueAt: dueFrom(now, settings) });
      if (!touched) return undefined;
      await insertMessage(tx, {
        id: randomToken(random),
        site,
        case_id: of.id,
        author: by.author,
        agent_id: by.author === 'person' ? null : by.agentId,
        words_sealed: keys.seal(words),
        written_at: now,
      });
      return touched;
    },
  };
}
