// What a thousand passes cost somebody who automates them, by the way and by the level asked for: nothing is run here, all
// of it follows from the rules of the ladder and the table of limits. What the letters cost is what reading them costs, and
// no work: only the limits set their price.
import { fileURLToPath } from 'node:url';
import { hourMs, secondMs } from '../../src/base/clock.ts';
import type { Mode } from '../../src/human-check/challenge.ts';
import {
  type Level,
  lettersNotBeforeMs,
  plainWaitMs,
  type Rung,
  rungs,
  stepAfter,
  waitingRest,
  waitingRung,
} from '../../src/human-check/ladder.ts';
import { type LimitName, limits } from '../../src/limits/limits.ts';

/** What the dollars follow from: measured once, or what is commonly asked. `docs/human-check.md` names them. */
export const assumptions = {
  /** One derivation on one core of a server, by `npm run bench -- human-check costs`. */
  derivationMs: 0.2,
  /** One core for an hour, by the hour and without a contract. */
  dollarsACoreHour: 0.04,
  /** A thousand pictures read by people who are paid for it. */
  dollarsAThousandPictures: 0.5,
} as const;

/** How a pass is come by. `letters` and `digits` are read by a machine; the last two need no script. */
export const ways = [
  'drag',
  'key',
  'click',
  'letters',
  'digits',
  'wait',
  'wait, no script',
  'letters, no script',
] as const;
export type Way = (typeof ways)[number];

export interface Pass {
  readonly way: Way;
  readonly level: Level;
  readonly derivations: number;
  /** The shortest time from the first request to the pass. */
  readonly leastMs: number;
  readonly pictures: number;
  /** What one pass takes of each limit. */
  readonly takes: Partial<Record<LimitName, number>>;
}

/** The cheapest pass by this way for a form that asks for this level, nothing having failed before. */
export function passBy(way: Way, level: Level): Pass {
  const takes: Partial<Record<LimitName, number>> = {};
  let [derivations, leastMs, pictures] = [0, 0, 0];
  const take = (name: LimitName) => {
    takes[name] = (takes[name] ?? 0) + 1;
  };
  const answer = ({ derivations: asked, notBeforeMs }: Rung) => {
    derivations += asked;
    leastMs += notBeforeMs;
    take(asked > 0 ? 'check-answer' : 'check-answer-plain');
  };
  const readPicture = () => {
    pictures += 1;
    take('check-plain');
    answer({ derivations: 0, notBeforeMs: lettersNotBeforeMs });
  };
  const slide = (mode: Mode) => {
    take('check-issue');
    let rung: Rung = rungs[level];
    let given = { mode, level };
    for (;;) {
      answer(rung);
      const right = { score: 0, isUnknown: false, isRight: true, failures: 0, alwaysLetters: false };
      const next = stepAfter({ ...given, ...right });
      if (next.step === 'passed') return;
      if (next.step === 'letters') return readPicture();
      if (next.step === 'again') throw new Error('what is right is not refused');
      given = { mode: 'wait', level: next.step === 'waiting-check' ? 3 : next.level };
      rung = next.step === 'waiting-check' ? waitingRest(next.paid) : rungs[next.level];
    }
  };
  const walks: Record<Way, () => void> = {
    drag: () => slide('drag'),
    key: () => slide('key'),
    click: () => slide('click'),
    letters: () => {
      take('check-issue');
      readPicture();
    },
    digits: () => {
      take('check-issue');
      readPicture();
    },
    wait: () => {
      take('check-issue');
      answer(waitingRung);
    },
    'wait, no script': () => {
      take('check-plain');
      answer({ derivations: 0, notBeforeMs: plainWaitMs });
    },
    // The challenge comes with the page, whose opening is not counted.
    'letters, no script': readPicture,
  };
  walks[way]();
  return { way, level, derivations, leastMs, pictures, takes };
}

/** How many passes an hour the check's own limits leave to one network: a /24, or a /56 of IPv6. */
export function passesAnHour({ takes }: Pass): number {
  const names = Object.keys(takes).filter((name): name is LimitName => Object.hasOwn(limits, name));
  return Math.min(
    ...names.map((name) => Math.floor((limits[name].max * hourMs) / limits[name].windowMs / (takes[name] ?? 1))),
  );
}

const seconds = (ms: number) => (ms / secondMs).toLocaleString('en', { maximumFractionDigits: 1 });

interface Line {
  readonly ways: readonly Way[];
  readonly levels: readonly Level[];
  readonly pass: Pass;
}

/** Ways and levels of the same price share a line. */
function lines(): Line[] {
  const found: Line[] = [];
  for (const way of ways) {
    for (const level of [0, 1, 2, 3] as const) {
      const pass = passBy(way, level);
      const price = ({ derivations, leastMs, pictures, takes }: Pass) =>
        JSON.stringify([derivations, leastMs, pictures, takes]);
      const at = found.findIndex((line) => price(line.pass) === price(pass));
      const same = found[at];
      if (!same) found.push({ ways: [way], levels: [level], pass });
      else
        found[at] = {
          ...same,
          ways: [...new Set([...same.ways, way])],
          levels: [...new Set([...same.levels, level])],
        };
    }
  }
  return found;
}

/** The table of docs/human-check.md. */
export function priceTable(): string {
  const { derivationMs, dollarsACoreHour, dollarsAThousandPictures } = assumptions;
  const head =
    '| Way | Level | Derivations | At least | Core-seconds | Computing | Pictures read by people | Passes an hour, a network |';
  const rows = lines().map(({ ways: names, levels, pass }) => {
    const coreMs = pass.derivations * derivationMs * 1_000;
    const dollars = (coreMs / hourMs) * dollarsACoreHour;
    return [
      names.join('; '),
      levels.length === 4 ? 'any' : levels.join(', '),
      pass.derivations.toLocaleString('en'),
      `${seconds(pass.leastMs)} s`,
      Math.round(coreMs / secondMs).toLocaleString('en'),
      dollars === 0 ? 'nothing' : `$${dollars.toFixed(4)}`,
      pass.pictures === 0 ? '' : `$${(pass.pictures * dollarsAThousandPictures).toFixed(2)}`,
      passesAnHour(pass).toLocaleString('en'),
    ].join(' | ');
  });
  return [head, '|---|---|--:|--:|--:|--:|--:|--:|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(priceTable());
