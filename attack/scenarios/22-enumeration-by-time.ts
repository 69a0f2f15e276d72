import { hourMs } from '../../src/base/clock.ts';
import type { Finding, Scenario } from '../scenario.ts';
import type { Inside } from '../target.ts';
import {
  isAlike,
  measure,
  type Pools,
  recoverySteps,
  signInStep,
  signUpStep,
  supportStep,
  type Timed,
  type Visit,
} from '../timing.ts';
import { newPassword } from '../walk.ts';

/** Of each kind so many accounts that none gets a hundred wrong passwords. */
const accountsOfKind = 30;
const fewestSamples = 2_000;

export const enumerationByTime: Scenario = {
  number: 22,
  name: 'enumeration-by-time',
  title: 'Who has an account here, by how long an answer takes',
  isLongest: true,
  cost: 'two thousand requests for each address that is asked about',
  expectation:
    'the same work for every kind of account and for none; no statistics tell their times apart (AUC within 0.05 of a coin, t within 4.5)',

  async outside(target, { expect, tell, leaveOut }) {
    if (target.known === undefined) {
      if (!('addPerson' in target)) leaveOut('an account to compare with: name one with --known');
      return;
    }
    const pools = { known: [target.known], unknown: [target.unknown] };
    const found = await measure(target, recoverySteps, pools, { samples: target.sized(5, fewestSamples) });
    const samples = found[0]?.samples ?? 0;
    // A few samples differ by chance alone.
    report(found, { expect: samples < fewestSamples ? () => {} : expect, tell });
    if (samples < fewestSamples)
      leaveOut(
        `${samples} samples of ${fewestSamples}: limits of one network or the human check stop more. Let trustedProxies believe X-Forwarded-For from here, and switch the check off, on a copy of the deployment`,
      );
    leaveOut('wrong passwords: two thousand of them would send the owner of the account to recovery');
  },

  async inside(target, { expect, tell }) {
    const pools = await addPools(target, target.sized(1, accountsOfKind));
    const addresses = {
      known: (pools['known'] ?? []).map(addressOf),
      unknown: (pools['unknown'] ?? []).map(addressOf),
    };
    const visits: [Visit, Pools][] = [
      [recoverySteps, pools],
      [signInStep, pools],
      [signUpStep, addresses],
      [supportStep, pools],
    ];
    const work: Record<string, unknown> = {};
    for (const [visit, of] of visits) {
      for (const [kind, [first = '']] of Object.entries(of)) {
        const before = await target.work();
        const steps = Object.keys((await visit(target, first)) ?? {}).join(', ');
        const after = await target.work();
        const done = `${after.hashes - before.hashes} hashes and ${after.outboxRows - before.outboxRows} rows for the mail`;
        work[steps] ??= done;
        expect(work[steps] === done, `${steps}: ${done} for ${kind}, ${String(work[steps])} for an account`);
      }
    }
    if (target.size === 'small') {
      const told = Object.entries(work).map(([steps, done]) => `${steps}: ${String(done)}`);
      tell(told.join('; '));
      return;
    }
    const between = async () => {
      target.clock.advance(hourMs);
      await target.mails();
    };
    for (const [visit, of] of visits)
      report(await measure(target, visit, of, { samples: fewestSamples, between }), { expect, tell });
  },
};

const addressOf = (userId: string): string => `${userId}@mail.example`;

function report(all: readonly Timed[], { expect, tell }: Pick<Finding, 'expect' | 'tell'>): void {
  for (const timed of all) {
    const { step, kind, samples, meanMs, auc, t } = timed;
    const figures = `${samples} samples, mean ${meanMs.toFixed(2)} ms, AUC ${auc.toFixed(3)}, t ${t.toFixed(1)}`;
    tell(`${step}, ${kind}: ${figures}`);
    expect(isAlike(timed), `${step} tells ${kind} from an account by its time: ${figures}`);
  }
}

/** Names of one length. */
async function addPools(target: Inside, count: number): Promise<Pools> {
  const names = (stem: string) => Array.from({ length: count }, (_, at) => `${stem}${String(at).padStart(2, '0')}`);
  const pools = {
    known: names('timed-knows'),
    unknown: names('timed-never'),
    disabled: names('timed-close'),
    'without a password': names('timed-blank'),
    unconfirmed: names('timed-vague'),
    'with a second factor': names('timed-twice'),
  };
  const add = async (userIds: readonly string[], more: Partial<Parameters<Inside['addOdd']>[0]> = {}) => {
    for (const userId of userIds)
      await target.addOdd({ userId, addresses: [addressOf(userId)], password: newPassword, ...more });
  };
  await add(pools.known);
  await add(pools.disabled, { state: 'disabled' });
  await add(pools['without a password'], { password: null });
  for (const userId of pools.unconfirmed)
    await add([userId], { addresses: [], unconfirmedAddresses: [addressOf(userId)] });
  await add(pools['with a second factor']);
  for (const userId of pools['with a second factor'])
    await target.addAuthenticator({ userId, address: addressOf(userId), password: newPassword });
  return pools;
}
