// Measures contenders in turns, round by round, as figures of different runs do not compare: what else the machine does
// changes the cost of the very same hash by half. Medians of the rounds are what is told.
import { type Contender, type Step, type Taken } from './contenders.ts';
import type { Engine } from './places.ts';
import { median, residentMb, tell } from './processes.ts';

export interface Plan {
  readonly clients: readonly number[];
  readonly rounds: number;
  /** In each round, of each contender. */
  readonly recoveries: number;
  /** Before the first round: V8 compiles on threads of its own for some thousand recoveries. */
  readonly warmUps: number;
}

export const peopleOf = ({ clients, rounds, recoveries, warmUps }: Plan): number =>
  warmUps + clients.length * rounds * recoveries;

export interface Row {
  readonly engine: Engine;
  readonly clients: number;
  readonly name: string;
  readonly calls: number;
  readonly statements: number | undefined;
  readonly hashMs: number;
  readonly cpuMs: number;
  readonly mainMs: number;
  readonly databaseMs: number;
  readonly mailMs: number;
  readonly perSecond: number;
  /** The most resident memory of the server until the end of these rounds. */
  readonly mostMb: number;
  /** Of the hash that the floor makes, round by round. */
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly steps: readonly Step[];
}

/** `floor`: the one that makes the hash, which is timed in it before each round. */
export async function compare(
  engine: Engine,
  { floor, contenders, plan }: { floor: Contender; contenders: readonly Contender[]; plan: Plan },
): Promise<Row[]> {
  for (const { recover } of contenders) await recover(0, plan.warmUps, 8);
  let from = plan.warmUps;
  const rows: Row[] = [];
  for (const clients of plan.clients) {
    const taken = new Map<Contender, (Taken & { readonly hashMs: number })[]>();
    for (let round = 0; round < plan.rounds; round += 1) {
      const hashMs = Number(await tell(floor.server, 'hash', plan.recoveries));
      for (const contender of contenders) {
        const of = taken.get(contender) ?? [];
        of.push({ ...(await contender.recover(from, plan.recoveries, clients)), hashMs });
        taken.set(contender, of);
      }
      from += plan.recoveries;
    }
    for (const [contender, rounds] of taken) {
      const of = (part: (each: (typeof rounds)[number]) => number) => median(rounds.map(part));
      const ratios = rounds.map(({ cpuMs, hashMs }) => cpuMs / hashMs);
      rows.push({
        engine,
        clients,
        name: contender.name,
        calls: contender.calls,
        statements: await contender.statements(),
        hashMs: of(({ hashMs }) => hashMs),
        cpuMs: of(({ cpuMs }) => cpuMs),
        mainMs: of(({ mainMs }) => mainMs),
        databaseMs: of(({ databaseMs }) => databaseMs),
        mailMs: of(({ mailMs }) => mailMs),
        perSecond: of(({ perSecond }) => perSecond),
        mostMb: (await residentMb(contender.server.pid ?? 0)).most,
        ratio: median(ratios),
        ratios,
        steps: stepsOf(rounds),
      });
    }
  }
  return rows;
}

function stepsOf(rounds: readonly Taken[]): Step[] {
  return (rounds[0]?.steps ?? []).map(({ name }, at) => {
    const of = (part: (step: Step) => number) =>
      median(rounds.flatMap(({ steps }) => steps[at] ?? []).map((step) => part(step)));
    return {
      name,
      cpuMs: of(({ cpuMs }) => cpuMs),
      mainMs: of(({ mainMs }) => mainMs),
      databaseMs: of(({ databaseMs }) => databaseMs),
      perSecond: of(({ perSecond }) => perSecond),
      p99Ms: of(({ p99Ms }) => p99Ms),
    };
  });
}

export function printRows(rows: readonly Row[]): void {
  const shown = rows.map((row) => {
    const isFloor = ({ engine, clients, name }: Row) =>
      engine === row.engine && clients === row.clients && name === 'floor: hash';
    const floor = rows.find(isFloor);
    return {
      engine: row.engine,
      clients: row.clients,
      who: row.name,
      calls: row.calls,
      'a second': round(row.perSecond),
      'of the floor': round(row.perSecond / (floor?.perSecond ?? Number.NaN)),
      'CPU ms': round(row.cpuMs),
      'of the hash': round(row.ratio),
      'beside the hash ms': round(row.cpuMs - row.hashMs),
      'main thread ms': round(row.mainMs),
      'database ms': round(row.databaseMs),
      'mail ms': round(row.mailMs),
      'most MB': Math.round(row.mostMb),
      statements: row.statements === undefined ? '' : round(row.statements),
    };
  });
  console.table(shown);
}

export function printSteps(rows: readonly Row[]): void {
  console.table(
    rows.flatMap(({ engine, clients, name, steps }) =>
      steps.map((step) => ({
        engine,
        clients,
        who: name,
        step: step.name,
        'a second': round(step.perSecond),
        'p99 ms': round(step.p99Ms),
        'CPU ms': round(step.cpuMs),
        'main thread ms': round(step.mainMs),
        'database ms': round(step.databaseMs),
      })),
    ),
  );
}

export const round = (value: number): number => Math.round(value * 100) / 100;
