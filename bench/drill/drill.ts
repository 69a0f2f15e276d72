// Rounds of a drill: people recover their accounts all the while; in each round something dies, is started again, and what people
// were answered is held against what is there.
import { setTimeout as wait } from 'node:timers/promises';
import { disturbances, type DisturbanceName } from './disturb.ts';
import { duplicatesIn, judge } from './judge.ts';
import { startLoad } from './load.ts';
import { look } from './look.ts';
import { createChance } from './random.ts';
import { openSite, type Site } from './site.ts';

export interface DrillOptions {
  readonly seed: number;
  readonly rounds: number;
  readonly clients: number;
  readonly nodes: number;
  /** What may happen. */
  readonly names: readonly DisturbanceName[];
  /** No round begins after so long. */
  readonly withinMs: number;
  /** Of mails that were in hand when something died: waited for, as a site would, or over as soon as it is back. */
  readonly leases?: 'waited for' | 'over at once';
  /** Told what cannot be done here, and why. */
  readonly onLeftOut?: (what: string) => void;
  readonly onRound?: (round: number, name: DisturbanceName, faults: readonly string[]) => void;
}

export interface Drilled {
  readonly rounds: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly people: number;
  readonly completed: number;
  readonly mails: number;
  readonly duplicates: number;
  readonly calls: Readonly<Record<string, number>>;
}

/** People that have to get on before the next thing dies: all of it happens under load. */
const perRound = 2;
const roundWithinMs = 90_000;
const auditEvery = 10;

export async function drill({
  seed,
  rounds,
  clients,
  nodes,
  names,
  withinMs,
  leases = 'waited for',
  onLeftOut,
  onRound,
}: DrillOptions): Promise<Drilled> {
  const chance = createChance(seed);
  const site = await openSite({ nodes });
  const startedAt = performance.now();
  const done: Record<string, number> = {};
  const faults: string[] = [];
  const possible = names.filter((name) => name !== 'disk-full' || site.postgres.fillDisk !== undefined);
  try {
    if (possible.length < names.length) onLeftOut?.('disk-full: only root can give PostgreSQL a disk of its own');
    if (possible.length === 0) throw new Error('Nothing is left that may happen.');
    const load = startLoad(site, { clients });
    const heard = () => load.told.length + load.stuck.length;

    for (let round = 1; round <= rounds && performance.now() - startedAt < withinMs; round += 1) {
      const name = chance.pick(possible);
      const before = heard();
      await wait(chance.whole(1_000));
      await disturbances[name](site, chance);
      if (leases === 'over at once') await endLeases(site);
      const until = performance.now() + roundWithinMs;
      while (heard() < before + perRound && performance.now() < until) await wait(50);
      // First who is through, then what is there: the other way round somebody could finish in between.
      const told = [...load.told];
      const kept = await look(site, { audit: round % auditEvery === 0 ? 'whole' : 'not' });
      const found = judge(told, kept);
      if (heard() < before + perRound) found.push(`nobody got on within ${roundWithinMs / 1_000} s`);
      done[name] = (done[name] ?? 0) + 1;
      onRound?.(round, name, found);
      faults.push(...found.map((fault) => `round ${round} (${name}): ${fault}`));
    }

    await load.stop();
    // Every mail that was asked for goes out, a dead worker's too.
    const until = performance.now() + 120_000;
    let kept = await look(site, { audit: 'whole' });
    while (kept.outbox.some(({ state }) => state === 'queued') && performance.now() < until) {
      await wait(500);
      kept = await look(site, { audit: 'not' });
    }
    kept = await look(site, { audit: 'whole' });
    const left = kept.outbox.filter(({ state }) => state === 'queued').length;
    const last = [
      ...judge(load.told, kept),
      ...load.stuck,
      ...site.ended,
      ...(left > 0 ? [`${left} mails were never sent`] : []),
    ];
    faults.push(...last.map((fault) => `in the end: ${fault}`));
    return {
      rounds: done,
      faults: [...new Set(faults)],
      people: load.told.length,
      completed: load.completed,
      mails: kept.mails.length,
      duplicates: duplicatesIn(kept),
      calls: load.calls,
    };
  } finally {
    await site.close();
  }
}

/** Whoever is still sending such a mail makes a second of it, with the same Message-ID, as after any lease. */
async function endLeases({ db }: Site): Promise<void> {
  const end = () =>
    db.write((tx) => tx.updateTable('outbox').set({ leased_until: 0 }).where('state', '=', 'queued').execute());
  // The connections of before are gone with the database.
  for (let tries = 1; ; tries += 1) {
    try {
      await end();
      return;
    } catch (error) {
      if (tries === 20) throw error;
      await wait(250);
    }
  }
}
