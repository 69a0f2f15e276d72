// What the outbox promises, with real mail servers: nothing is lost, nothing goes out twice unless nobody can know.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hourMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import {
  createOutbox,
  type Ending,
  type Entry,
  type Order,
  type Outbox,
  type Prepare,
  waitAfterMs,
} from '../../src/mail/outbox.ts';
import { createSmtpSender, type MailSender } from '../../src/mail/smtp.ts';
import type { TestDatabase } from '../../src/testing/databases.ts';
import { type Mailbox, startMailbox } from '../../src/testing/mailbox.ts';
import { atOnce, engines, few } from '../engines.ts';

const startOfTime = Date.UTC(2026, 7, 1);

it('waits 5 s, 15 s, 45 s and never longer than 10 min', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map(waitAfterMs)).toEqual(
    [5, 15, 45, 135, 405, 600, 600].map((seconds) => seconds * secondMs),
  );
});

describe.each(engines)('the outbox on $engine', ({ createDatabase }) => {
  let test: TestDatabase;
  let mailbox: Mailbox;
  let sender: MailSender;
  let now: number;
  let endings: { entry: Entry; ending: Ending }[];
  let logged: string[];
  let arrivedBefore = 0;

  beforeAll(async () => {
    test = await createDatabase(few);
    mailbox = await startMailbox();
    sender = createSmtpSender({ url: mailbox.url });
  });
  afterAll(async () => {
    await sender.close();
    await mailbox.close();
    await test.remove();
  });
  beforeEach(async () => {
    now = startOfTime;
    endings = [];
    logged = [];
    await test.db.write((tx) => tx.deleteFrom('outbox').execute());
    mailbox.behave('accept');
    arrivedBefore = mailbox.messages().length;
  });

  const write: Prepare = async ({ subjectId }) => ({
    send: true,
    to: { address: `${subjectId}@example.com` },
    message: { subject: `About ${subjectId}`, text: 'text', html: '<p>text</p>' },
  });

  const createWorker = (prepare: Prepare = write): Outbox =>
    createOutbox({
      db: test.db,
      clock: { now: () => now },
      random: systemRandom,
      sender,
      log: {
        info: (_, message) => logged.push(message),
        warn: (_, message) => logged.push(message),
        error: (_, message) => logged.push(message),
      },
      site: { id: 'default', senderName: 'The shop', senderAddress: 'help@shop.example' },
      prepare,
      onEnd: async (_tx, entry, ending) => void endings.push({ entry, ending }),
    });

  const enqueue = (outbox: Outbox, subjectId = 'maria', order: Partial<Order> = {}) =>
    test.db.write((tx) =>
      outbox.enqueue(tx, { kind: 'recovery-code', subjectId, locale: 'en', expiresAt: now + hourMs, ...order }),
    );
  const rows = () => test.db.read.selectFrom('outbox').selectAll().orderBy('subject_id').execute();
  const states = async () => (await rows()).map(({ state }) => state);
  /** Of this test. */
  const messages = () => mailbox.messages().slice(0, mailbox.messages().length - arrivedBefore);
  const subjects = () => messages().map(({ subject }) => subject);

  it('sends what was committed, once', async () => {
    const outbox = createWorker();
    await enqueue(outbox, 'maria', { addressId: 'address-1', locale: 'es' });
    expect(await outbox.deliver()).toBe(1);
    expect(await outbox.deliver()).toBe(0);
    expect(subjects()).toEqual(['About maria']);
    expect(await rows()).toMatchObject([{ state: 'sent', attempts: 1, failure: null, ended_at: now }]);
    expect(endings).toMatchObject([
      { ending: 'sent', entry: { kind: 'recovery-code', subjectId: 'maria', addressId: 'address-1', locale: 'es' } },
    ]);
  });

  it('sends nothing of a transaction that was rolled back', async () => {
    const outbox = createWorker();
    const undone = test.db.write(async (tx) => {
      await outbox.enqueue(tx, { kind: 'recovery-code', subjectId: 'maria', locale: 'en', expiresAt: now + hourMs });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await outbox.deliver()).toBe(0);
    expect(await rows()).toEqual([]);
  });

  it('keeps kinds and ids only', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    await outbox.deliver();
    expect(JSON.stringify(await rows())).not.toMatch(/@|About/);
  });

  it("ends a decoy's row like any other, and sends nothing", async () => {
    const outbox = createWorker();
    await enqueue(outbox, 'nobody', { kind: 'none' });
    expect(await outbox.deliver()).toBe(1);
    expect(await states()).toEqual(['withheld']);
    expect(endings).toMatchObject([{ ending: 'withheld', entry: { kind: 'none', subjectId: 'nobody' } }]);
    expect(messages()).toEqual([]);
  });

  it('withholds a mail that its maker withholds, and keeps the reason', async () => {
    const outbox = createWorker(async () => ({ send: false, reason: 'capped' }));
    await enqueue(outbox);
    await outbox.deliver();
    expect(await rows()).toMatchObject([{ state: 'withheld', failure: 'capped' }]);
    expect(endings).toMatchObject([{ ending: 'withheld' }]);
  });

  it('tries again later, under the same Message-ID, when the server does not take the mail now', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    mailbox.behave('defer');
    for (const wait of [5, 15, 45]) {
      expect(await outbox.deliver()).toBe(1);
      now += wait * secondMs - 1;
      expect(await outbox.deliver()).toBe(0);
      now += 1;
    }
    mailbox.behave('accept');
    expect(await outbox.deliver()).toBe(1);
    expect(messages().map(({ email }) => email.messageId)).toEqual([`<${(await rows())[0]?.id}@shop.example>`]);
    expect(await states()).toEqual(['sent']);
  });

  it('tries again later when the server hangs', async () => {
    const patient = sender;
    sender = createSmtpSender({ url: mailbox.url, timeoutMs: 100 });
    await enqueue(createWorker());
    mailbox.behave('hang');
    await createWorker().deliver();
    expect(await states()).toEqual(['queued']);
    await sender.close();
    sender = patient;
    mailbox.behave('accept');
    now += 5 * secondMs;
    await createWorker().deliver();
    expect(await states()).toEqual(['sent']);
  });

  it('tries again when the server hangs up after the whole mail: twice in the box, but under one Message-ID', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    mailbox.behave('drop');
    await outbox.deliver();
    expect(await states()).toEqual(['queued']);
    mailbox.behave('accept');
    now += 5 * secondMs;
    await outbox.deliver();
    expect(await states()).toEqual(['sent']);
    expect(subjects()).toEqual(['About maria', 'About maria']);
    expect(new Set(messages().map(({ email }) => email.messageId)).size).toBe(1);
  });

  it('gives up a mail that the server refuses for good, and says so to the operator', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    mailbox.behave('refuse');
    await outbox.deliver();
    expect(await rows()).toMatchObject([
      { state: 'failed', failure: expect.stringContaining('550 <m***@example.com>') },
    ]);
    expect(endings).toMatchObject([{ ending: 'failed' }]);
    expect(logged).toEqual(['a mail was refused']);
    now += hourMs;
    expect(await outbox.deliver()).toBe(0);
  });

  it('drops a mail once it is of no use, whatever its next try would be', async () => {
    const outbox = createWorker();
    mailbox.behave('defer');
    await enqueue(outbox, 'maria', { expiresAt: now + 12 * secondMs });
    await outbox.deliver();
    now += 5 * secondMs;
    await outbox.deliver();
    mailbox.behave('accept');
    now += 7 * secondMs;
    await outbox.deliver();
    expect(await states()).toEqual(['expired']);
    expect(endings).toMatchObject([{ ending: 'expired' }]);
    expect(messages()).toEqual([]);
  });

  it('takes over from a worker that died with the mail in its hands', async () => {
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const dying = createWorker(() => {
      isAsked();
      return new Promise(() => {});
    });
    await enqueue(dying);
    void dying.deliver();
    await asked;
    const other = createWorker();
    expect(await other.deliver()).toBe(0);
    now += minuteMs - 1;
    expect(await other.deliver()).toBe(0);
    now += 1;
    expect(await other.deliver()).toBe(1);
    expect(subjects()).toEqual(['About maria']);
  });

  it('lets a worker that was only slow neither send back nor end what another took over', async () => {
    let goOn: (prepared: Awaited<ReturnType<Prepare>>) => void = () => {};
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const slow = createWorker(() => {
      isAsked();
      return new Promise((resolve) => {
        goOn = resolve;
      });
    });
    await enqueue(slow);
    const pass = slow.deliver();
    await asked;
    now += minuteMs;
    mailbox.behave('defer');
    const other = createWorker();
    expect(await other.deliver()).toBe(1);
    goOn({ send: false, reason: 'capped' });
    await pass;
    expect(await rows()).toMatchObject([{ state: 'queued', attempts: 2 }]);
    expect(endings).toEqual([]);
    mailbox.behave('accept');
    now += 15 * secondMs;
    await other.deliver();
    expect(await states()).toEqual(['sent']);
  });

  it('gives each mail to one of several workers', async () => {
    const workers = Array.from({ length: 4 }, () => createWorker());
    await atOnce(24, (index) => enqueue(workers[0] ?? createWorker(), `person-${index}`));
    const passes = await Promise.all(workers.map((worker) => worker.deliver()));
    expect(passes.reduce((sum, taken) => sum + taken)).toBe(24);
    expect(new Set(subjects()).size).toBe(24);
    expect(subjects()).toHaveLength(24);
    expect(new Set(await states())).toEqual(new Set(['sent']));
  });

  it('goes on with the others when a mail cannot be made, and tries that one again', async () => {
    let isBroken = true;
    const outbox = createWorker(async (entry) => {
      if (isBroken && entry.subjectId === 'person-0') throw new Error('our own fault');
      return write(entry);
    });
    for (const index of [0, 1, 2]) await enqueue(outbox, `person-${index}`);
    await outbox.deliver();
    expect(await states()).toEqual(['queued', 'sent', 'sent']);
    isBroken = false;
    now += minuteMs;
    await outbox.deliver();
    expect(await states()).toEqual(['sent', 'sent', 'sent']);
  });

  it('makes the mails of a pass one after the other, the oldest first, and those of one moment as they were asked for', async () => {
    const made: string[] = [];
    const outbox = createWorker(async (entry) => {
      // The first take longest: those after them must not overtake.
      for (let waits = 5 - made.length; waits > 0; waits -= 1)
        await test.db.read.selectFrom('leases').selectAll().execute();
      made.push(entry.subjectId);
      return write(entry);
    });
    for (const subject of ['new-1', 'new-2', 'old-1', 'old-2', 'old-3']) {
      now = subject.startsWith('old') ? startOfTime : startOfTime + 1;
      await enqueue(outbox, subject);
    }
    now = startOfTime + minuteMs;
    await outbox.deliver();
    expect(made).toEqual(['old-1', 'old-2', 'old-3', 'new-1', 'new-2']);
  });

  it('leaves a row that only a newer version understands to a worker of that version', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    await test.db.write((tx) => tx.updateTable('outbox').set({ kind: 'of-next-year' }).execute());
    expect(await outbox.deliver()).toBe(0);
    expect(await states()).toEqual(['queued']);
    now += minuteMs;
    expect(await outbox.health()).toMatchObject({ isFailing: false });
  });

  it('keeps the row when its end cannot be recorded: the audit and the end are one', async () => {
    const outbox = createOutbox({
      db: test.db,
      clock: { now: () => now },
      random: systemRandom,
      sender,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      site: { id: 'default', senderName: 'The shop', senderAddress: 'help@shop.example' },
      prepare: write,
      onEnd: async () => {
        throw new Error('no audit');
      },
    });
    await enqueue(outbox);
    await outbox.deliver();
    expect(await states()).toEqual(['queued']);
  });

  it('turns red after a minute of failures, says so once, and once more when mail goes out again', async () => {
    const outbox = createWorker();
    mailbox.behave('defer');
    await enqueue(outbox);
    await outbox.deliver();
    now += minuteMs - 1;
    expect(await outbox.health()).toMatchObject({ isFailing: false, lastFailure: expect.stringContaining('451') });
    now += 1;
    await outbox.deliver();
    await outbox.deliver();
    expect(await outbox.health()).toMatchObject({ isFailing: true });
    expect(logged).toEqual(['mail is not going out']);
    mailbox.behave('accept');
    now += minuteMs;
    await outbox.deliver();
    await outbox.deliver();
    expect(await outbox.health()).toMatchObject({ isFailing: false, oldestDueMs: 0 });
    expect(logged).toEqual(['mail is not going out', 'mail is not failing any more']);
  });

  it('does not stay red once the mails that failed are of no use any more', async () => {
    const outbox = createWorker();
    mailbox.behave('defer');
    await enqueue(outbox, 'maria', { expiresAt: now + 2 * minuteMs });
    await outbox.deliver();
    now += minuteMs;
    await outbox.deliver();
    expect(await outbox.health()).toMatchObject({ isFailing: true });
    now += minuteMs;
    await outbox.deliver();
    expect(await states()).toEqual(['expired']);
    expect(await outbox.health()).toMatchObject({ isFailing: false });
  });

  it('turns red when no worker has come for a minute', async () => {
    const outbox = createWorker();
    await enqueue(outbox);
    now += minuteMs - 1;
    expect(await outbox.health()).toMatchObject({ oldestDueMs: minuteMs - 1, isFailing: false });
    now += 1;
    expect(await outbox.health()).toMatchObject({ oldestDueMs: minuteMs, isFailing: true });
  });
});
