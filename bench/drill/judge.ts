// What must hold after a round of a drill, whatever died in it: what people were answered, against what the database, the
// mailbox and the counters have. Pure, so that a test can hand in a broken ledger and see it noticed.
import { limits } from '../../src/limits/limits.ts';

/** What a call was answered: `unknown` where no answer came, or one that says that ours failed. */
export type Answer = 'accepted' | 'refused' | 'unknown';

/** What one person did, and was answered. */
export interface Told {
  readonly userId: string;
  readonly accountId: string;
  /** Keyed hash of the network. */
  readonly source: string;
  /** Each start that was sent; `id` where it was accepted. */
  readonly starts: readonly { readonly answer: Answer; readonly id?: string }[];
  /** Each code that was sent. */
  readonly codes: readonly { readonly recoveryId: string; readonly answer: Answer }[];
  /** Each new password that was sent. */
  readonly passwords: readonly Answer[];
  /** With which passwords the person gets in afterwards. */
  readonly signsInWith: readonly ('old' | 'new')[];
}

/** What is there. */
export interface Kept {
  readonly recoveries: ReadonlySet<string>;
  /** Codes taken as right, by recovery. */
  readonly rightCodes: ReadonlyMap<string, number>;
  /** By account: passwords set as the audit trail has it, rows of changes, and notices of them. */
  readonly completed: ReadonlyMap<string, number>;
  readonly changes: ReadonlyMap<string, number>;
  readonly notices: ReadonlyMap<string, number>;
  readonly outbox: readonly { readonly id: string; readonly kind: string; readonly state: string }[];
  /** Everything that arrived: the id in its Message-ID, and what one can do with it. Its words may tell that less time is left. */
  readonly mails: readonly { readonly id: string; readonly holds: string }[];
  readonly counters: ReadonlyMap<string, number>;
  /** What is wrong in the audit trail. */
  readonly auditFaults: readonly string[];
}

const countOf = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;
const having = (answers: readonly Answer[], wanted: Answer): number =>
  answers.filter((answer) => answer === wanted).length;

/** One sentence a fault. */
export function judge(people: readonly Told[], kept: Kept): string[] {
  return [
    ...people.flatMap((told) => [...judgePerson(told, kept)]),
    ...judgeMail(kept),
    ...judgeSums(people, kept),
    ...kept.auditFaults,
  ];
}

function* judgePerson(
  { userId, accountId, starts, codes, passwords, signsInWith }: Told,
  kept: Kept,
): Generator<string> {
  for (const { id } of starts)
    if (id !== undefined && !kept.recoveries.has(id)) yield `${userId}: the recovery ${id} was answered and is lost`;

  for (const [recoveryId, tries] of Map.groupBy(codes, (code) => code.recoveryId)) {
    const accepted = having(
      tries.map(({ answer }) => answer),
      'accepted',
    );
    const right = countOf(kept.rightCodes, recoveryId);
    if (accepted > 1 || right > 1)
      yield `${userId}: a code of ${recoveryId} was spent ${Math.max(accepted, right)} times`;
    if (accepted > right) yield `${userId}: a code of ${recoveryId} was accepted, and the audit trail does not know it`;
  }

  const completed = countOf(kept.completed, accountId);
  const changes = countOf(kept.changes, accountId);
  const notices = countOf(kept.notices, accountId);
  if (completed > passwords.length) yield `${userId}: ${completed} passwords were set, of ${passwords.length} sent`;
  if (completed < having(passwords, 'accepted')) yield `${userId}: a new password was answered and is not set`;
  if (changes !== completed || notices !== completed)
    yield `${userId}: a password is half changed: ${completed} in the audit trail, ${changes} changes, ${notices} notices`;
  const expected = completed > 0 ? 'new' : 'old';
  if (signsInWith.length !== 1 || signsInWith[0] !== expected)
    yield `${userId}: gets in with ${signsInWith.join(' and ') || 'nothing'}, instead of the ${expected} password`;
}

function* judgeMail({ outbox, mails }: Kept): Generator<string> {
  const arrived = Map.groupBy(mails, ({ id }) => id);
  const rows = new Map(outbox.map((row) => [row.id, row]));
  for (const { id, kind, state } of outbox) {
    if (state === 'sent' && !arrived.has(id)) yield `the mail ${id} (${kind}) counts as sent and did not arrive`;
    if (state === 'failed' || state === 'expired') yield `the mail ${id} (${kind}) was given up: ${state}`;
  }
  for (const [id, copies] of arrived) {
    if (!rows.has(id)) yield `a mail arrived that nobody asked for: ${id}`;
    if (new Set(copies.map(({ holds }) => holds)).size > 1) yield `the copies of the mail ${id} differ`;
  }
}

/** A transaction that was rolled back counts nothing, and one that was committed counts once: between what was answered and what was sent. */
function* judgeSums(people: readonly Told[], { counters }: Kept): Generator<string> {
  for (const [source, all] of Map.groupBy(people, (told) => told.source)) {
    const calls = {
      'recovery-start': all.flatMap(({ starts }) => starts.map(({ answer }) => answer)),
      'code-try': all.flatMap(({ codes }) => codes.map(({ answer }) => answer)),
    };
    for (const name of ['recovery-start', 'code-try'] as const) {
      const counted = countOf(counters, `${name}/${source}`);
      const least = having(calls[name], 'accepted');
      if (counted < least || counted > calls[name].length)
        yield `${name} of ${source} counted ${counted}: ${least} were accepted, of ${calls[name].length} sent`;
      if (least > limits[name].max) yield `${name} of ${source} let ${least} through, of ${limits[name].max}`;
    }
  }
}

/** Mails that arrived more than once, with the same Message-ID. */
export const duplicatesIn = ({ mails }: Kept): number => mails.length - new Set(mails.map(({ id }) => id)).size;
