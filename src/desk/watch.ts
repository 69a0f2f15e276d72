// Watches for signs that the desk is played: whenever an agent looks at a case, and by a timer wherever a person just wrote or
// showed something, so that it rings though nobody looks. Each sign of a case rings once a day: an audit event, and a warning in
// the log.
import type { AccountDirectory } from '../accounts/directory.ts';
import { readIdentifier, userIdKey } from '../accounts/identifiers.ts';
import type { Audit } from '../audit/audit.ts';
import { type Clock, dayMs, hourMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { passOver } from '../base/pass.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import type { Limits } from '../limits/limits.ts';
import { findContact } from '../support/case-rows.ts';
import type { CaseRow, Cases, WrittenMessage } from '../support/cases.ts';
import { type AccountOfName, accountsNamed } from '../support/named-accounts.ts';
import type { Place } from './desk-rows.ts';
import { approvalsOfApprover, casesNaming, casesTouchedAfter, identifiersOf } from './signal-rows.ts';
import { pressingWordsIn, type Signal, signalsOf } from './signals.ts';

/** What is known of a case to whoever looks at it. */
export interface Watched {
  readonly row: CaseRow;
  /** What the person typed to say whose account it is, and the accounts that have this name. */
  readonly typed: string;
  readonly named: readonly AccountOfName[];
  /** Keyed hash of the contact that counts; empty: there is none. */
  readonly contactHash: string;
  /** What the person wrote at the opening. */
  readonly words: string;
  readonly messages: readonly WrittenMessage[];
}

export interface Watch {
  signalsOf(watched: Watched): Promise<readonly Signal[]>;
  /** One pass of the worker: over the open cases in which something happened since the last. */
  lookAround(): Promise<void>;
}

export interface WatchNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly log: Log;
  readonly directory: Pick<AccountDirectory, 'addressesOf' | 'findNamed'>;
  readonly cases: Pick<Cases, 'identifierOf' | 'allMessagesOf'>;
  readonly site: string;
}

const countedMs = 30 * dayMs;
const approvalsMs = 7 * dayMs;
/** Cases looked at in one pass. */
const seenAtOnce = 50;

export function createWatch({ db, keys, clock, audit, limits, log, directory, cases, site }: WatchNeeds): Watch {
  // A sign rings once a day, so looking at the last hour once more rings nothing twice, and misses nothing.
  const anHourAgo = (): Place => ({ at: clock.now() - hourMs, id: '' });
  let seen = anHourAgo();

  /** Every name that the accounts go by, as cases keep it: their user IDs and all their emails; or what was typed. */
  async function namesOf({ typed, named }: Watched): Promise<string[]> {
    const identifier = readIdentifier(typed);
    const addresses = await Promise.all(named.map(({ id }) => directory.addressesOf(id)));
    const names = [
      ...(identifier.ok ? [[identifier.kind, identifier.key] as const] : []),
      ...named.map(({ userId }) => ['user-id', userIdKey(userId)] as const),
      ...addresses.flat().map(({ key }) => ['email', key] as const),
    ];
    return [...new Set(names.flatMap(([kind, key]) => keys.hashes('identifier', site, kind, key)))];
  }

  async function ring({ id }: CaseRow, { name, count }: Signal): Promise<void> {
    const first = await limits.take('case-signal', keys.hash('case-try', 'signal', id, name));
    if (!first.ok) return;
    log.warn({ case: id, signal: name, count }, 'a case shows a sign of being played: somebody should look');
    await db.write((tx) => audit.append(tx, { event: 'case.signal', subjectId: id, facts: { signal: name, count } }));
  }

  const signalsOfCase: Watch['signalsOf'] = async (watched) => {
    const { row, contactHash, words, messages } = watched;
    const now = clock.now();
    const since = now - countedMs;
    const [about, accountsOfContact, proofsTried, approvalsOfAgent] = await Promise.all([
      namesOf(watched).then((identifierHashes) => casesNaming(db, { identifierHashes, since, site })),
      identifiersOf(db, { contactHash, since, site }),
      limits.count('case-proof', keys.hash('case-try', row.id)),
      approvalsOfApprover(db, row.id, now - approvalsMs),
    ]);
    const own = messages.filter(({ author }) => author === 'person');
    const signals = signalsOf({
      casesAboutAccount: about.cases,
      contactsAboutAccount: about.contacts,
      accountsOfContact,
      proofsTried,
      messagesInHour: own.filter(({ writtenAt }) => writtenAt > now - hourMs).length,
      pressingWords: pressingWordsIn([words, ...own.map((message) => message.words)].join('\n')),
      approvalsOfAgent,
    });
    for (const signal of signals) await ring(row, signal);
    return signals;
  };

  async function lookAt(row: CaseRow): Promise<void> {
    const typed = cases.identifierOf(row);
    const contact = await findContact(db.read, row.id);
    await signalsOfCase({
      row,
      typed,
      named: await accountsNamed(directory, typed),
      contactHash: contact?.address_hash ?? '',
      words: keys.open(row.words_sealed) ?? '',
      messages: await cases.allMessagesOf(row),
    });
  }

  return {
    signalsOf: signalsOfCase,

    async lookAround() {
      // The clock was set back: what is written from now on would be behind what was seen, until it has caught up.
      if (seen.at > clock.now()) seen = anHourAgo();
      const rows = await casesTouchedAfter(db, site, { after: seen, until: clock.now() }, seenAtOnce);
      await passOver(rows, lookAt, { log, job: 'watch', of: ({ id }) => ({ case: id }) });
      const last = rows.at(-1);
      if (last) seen = { at: last.last_at, id: last.id };
    },
  };
}
