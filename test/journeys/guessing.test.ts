// What src/recovery/chance.ts computes, done: strangers from ever new networks guess the codes of one account for a day, as
// early and as often as they may.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../src/base/clock.ts';
import { maxTries } from '../../src/proofs/email-code.ts';
import { chanceOfGuessing } from '../../src/recovery/chance.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { enterCode, reachCode } from './steps.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

it('a day of guessing compares no more codes, and no more short ones, than is computed', async () => {
  const owner = await app.addPerson();
  /** More recoveries than mails are left for, then every try of each. */
  async function guess(recoveries: number) {
    const strangers = Array.from({ length: recoveries }, () => app.browser());
    for (const stranger of strangers) await reachCode(stranger, owner.userId);
    await app.deliverMail();
    for (const stranger of strangers)
      for (let times = 0; times < maxTries; times += 1) await enterCode(stranger, '1234 5678');
  }
  await guess(4);
  app.clock.advance(hourMs + minuteMs);
  await guess(4);
  for (const hours of [4, 17]) {
    app.clock.advance(hours * hourMs);
    await guess(1);
  }

  // A try counts where its mail went out: any other is compared with nothing.
  const compared = await app.db.read
    .selectFrom('recoveries')
    .select(['code_digits', 'tries'])
    .where('id', 'in', (mailed) => mailed.selectFrom('mailed_codes').select('recovery_id'))
    .execute();
  const triesOf = (rows: typeof compared) => rows.reduce((sum, { tries }) => sum + tries, 0);
  const expected = chanceOfGuessing({ networks: 1_000, accounts: 1 }, 30);
  expect(triesOf(compared)).toBe(expected.triesADay);
  expect(triesOf(compared.filter(({ code_digits }) => code_digits === 8))).toBe(expected.shortCodeTries);
});
