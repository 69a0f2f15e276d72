// What the database, the mailbox and the counters have after a round, as judge.ts compares it.
import { createAudit } from '../../src/audit/audit.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { codeIn, linksIn, numberIn } from '../../src/testing/mail-text.ts';
import type { Kept } from './judge.ts';
import type { Site } from './site.ts';

const tally = (keys: readonly (string | null)[]): Map<string, number> =>
  new Map(
    Array.from(
      Map.groupBy(keys, (key) => key ?? ''),
      ([key, all]) => [key, all.length],
    ),
  );

/** `audit`: read the whole trail too, which takes longer the longer it is. */
export async function look({ db, keys, mailbox }: Site, { audit }: { readonly audit: 'whole' | 'not' }): Promise<Kept> {
  const events = await db.read
    .selectFrom('audit_events')
    .select(['event', 'subject_id', 'account_id'])
    .where('event', 'in', ['recovery.code_right', 'recovery.completed'])
    .execute();
  const changes = await db.read.selectFrom('password_changes').select(['id', 'account_id']).execute();
  const accountOf = new Map(changes.map(({ id, account_id }) => [id, account_id]));
  const outbox = await db.read.selectFrom('outbox').select(['id', 'kind', 'state', 'subject_id']).execute();
  const recoveries = await db.read.selectFrom('recoveries').select('id').execute();
  const counters = await db.read.selectFrom('counters').select(['key', 'count']).execute();
  const report =
    audit === 'whole'
      ? await createAudit({ db, keys, clock: systemClock, random: systemRandom, site: 'default' }).verify()
      : { faults: [] };
  return {
    recoveries: new Set(recoveries.map(({ id }) => id)),
    rightCodes: tally(events.flatMap((each) => (each.event === 'recovery.code_right' ? [each.subject_id] : []))),
    completed: tally(events.flatMap((each) => (each.event === 'recovery.completed' ? [each.account_id] : []))),
    changes: tally(changes.map(({ account_id }) => account_id)),
    notices: tally(
      outbox.flatMap(({ kind, subject_id }) => (kind === 'password-changed' ? [accountOf.get(subject_id) ?? ''] : [])),
    ),
    outbox: outbox.map(({ id, kind, state }) => ({ id, kind, state })),
    mails: mailbox.messages().map((mail) => ({
      id: /^<([^@]+)@/.exec(mail.email.messageId ?? '')?.[1] ?? '',
      holds: [codeIn(mail), numberIn(mail), ...linksIn(mail)].join(' '),
    })),
    counters: new Map(counters.map(({ key, count }) => [key, count])),
    auditFaults: report.faults.map(({ what, seq, id }) => `the audit trail: ${what} at ${seq} ${id}`),
  };
}
