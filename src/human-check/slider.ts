// Reads a drag: points with reasons, by plain rules and no model. It sets the price of a pass and is never the gate, as
// any rule here can be learnt by a bot. Few samples say "unknown", not "bot": remote desktops, old phones and head
// pointers send 5 to 10. The trace is dropped after scoring; only points and reason codes are kept.

/** Goes with each verdict, so that figures are never compared across rules. */
export const slidePolicy = 'slide-3';

export interface Drag {
  /** x, y (CSS px since the press, x towards the end of the track), t (ms since the press), again and again. */
  readonly trace: readonly number[];
  readonly pointer: 'mouse' | 'touch' | 'pen';
  /** Whether the browser vouches that no script made the events. */
  readonly isTrusted: boolean;
  readonly isAutomated: boolean;
  readonly pixelRatio: number;
  /** Where in the handle it was pressed: px from its centre. */
  readonly grab: readonly [number, number];
  /** Pointer moves seen before the press. */
  readonly approach: number;
  /** From the last move to the release. */
  readonly restMs: number;
}

/** A hard rule is told by the browser or by arithmetic. No soft one reaches the step-up (5) alone: some hand meets each. */
export const hardPoints = { untrusted: 5, impossible: 5, replayed: 5 } as const;
export const softPoints = {
  'constant-speed': 4,
  'book-curve': 3,
  'off-grid': 3,
  automated: 3,
  'too-quick': 3,
  straight: 2,
  'noise-y': 2,
  leap: 2,
  'dead-centre': 2,
  'no-approach': 2,
  'no-rest': 1,
  /** Nothing can be said: it costs what a click does. */
  'few-samples': 0,
} as const;

const points = { ...hardPoints, ...softPoints };

export type Reason = keyof typeof points;

export interface Score {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

/** A drag or a part of it, in columns: shapes are judged along one of them at a time. */
interface Path {
  readonly x: Column;
  readonly y: Column;
  readonly t: Column;
}

type Column = readonly number[];

/** From here on a shape can be judged. */
const enoughSamples = 12;
/** A hand with a tremor lets go a little early. */
const endTolerancePx = 6;
/** From the press to the release. A mouse button alone takes a finger that long. */
const quickestMs = 60;
/** What rounding to whole pixels leaves of a line or curve, as a root mean square: 0.29, and a little. */
const roundingPx = 0.45;

/** Whether the drag ended at the end of this challenge's track. */
export const isAtEnd = ({ trace }: Drag, travelPx: number): boolean => {
  const last = pathOf(trace).x.at(-1);
  return last !== undefined && Math.abs(last - travelPx) <= endTolerancePx;
};

/** What a clock of the browser may be off, and a challenge that was replaced under a hand. */
const clockSlackMs = 60_000;

/** `heldMs`: for how long the browser has had the challenge; no drag took longer. */
export function scoreDrag(drag: Drag, heldMs = Number.POSITIVE_INFINITY): Score {
  const path = pathOf(drag.trace);
  const tookMs = path.t.at(-1) ?? 0;
  const whole = {
    untrusted: !drag.isTrusted,
    impossible: isImpossible(path.t) || tookMs > heldMs + clockSlackMs,
    automated: drag.isAutomated,
    'too-quick': tookMs < quickestMs,
    leap: isLeap(path.x),
    'no-approach': drag.pointer === 'mouse' && drag.approach < 2,
    'dead-centre': Math.hypot(...drag.grab) < 0.75,
    'no-rest': drag.restMs < 2,
    'few-samples': path.x.length < enoughSamples,
  };
  return scoreOf([...reasonsOf(whole), ...(whole['few-samples'] ? [] : reasonsOf(shapeOf(path, drag)))]);
}

export const scoreOf = (reasons: readonly Reason[]): Score => ({
  score: reasons.reduce((sum, reason) => sum + points[reason], 0),
  reasons,
});

const isReason = (name: string): name is Reason => Object.hasOwn(points, name);

const reasonsOf = (rules: Partial<Record<Reason, boolean>>): Reason[] =>
  Object.entries(rules).flatMap(([name, isSo]) => (isSo && isReason(name) ? [name] : []));

function shapeOf(path: Path, { pointer, pixelRatio }: Drag) {
  const moving = wayOf(path);
  const timings = timingsOf(moving);
  const isConstantSpeed = isConstant(moving, timings);
  return {
    'constant-speed': isConstantSpeed,
    'book-curve': !isConstantSpeed && isBookCurve(path, moving, timings),
    'off-grid': pointer === 'mouse' && isOffGrid(path, pixelRatio),
    straight: isStraight(moving),
    'noise-y': isNoise(path.y),
  };
}

function pathOf(trace: readonly number[]): Path {
  const [x, y, t]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at + 2 < trace.length; at += 3) {
    x.push(trace[at] ?? 0);
    y.push(trace[at + 1] ?? 0);
    t.push(trace[at + 2] ?? 0);
  }
  return { x, y, t };
}

/** What moved: from the last sample at the start to the first at the end, where the track holds the handle. */
function wayOf(path: Path): Path {
  const last = path.x.at(-1) ?? 0;
  const from = Math.max(0, path.x.findIndex((x) => x > 0) - 1);
  const to = path.x.findIndex((x) => x >= last);
  const wayIn = (column: Column) => column.slice(from, Math.max(from, to));
  return { x: wayIn(path.x), y: wayIn(path.y), t: wayIn(path.t) };
}

const meanOf = (values: Column): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const stepsOf = (values: Column): number[] => values.slice(1).map((value, at) => value - (values[at] ?? 0));

/** Time runs backwards, or none passed. Browsers that blur time against fingerprinting repeat a value, and never go back. */
const isImpossible = (t: Column): boolean => (t.at(-1) ?? 0) <= 0 || t.some((value, at) => value < (t[at - 1] ?? 0));

/** Nearly a third of the way between two events: what up to three calls do, and a remote desktop that stalls. */
const isLeap = (x: Column): boolean => {
  const most = 0.3 * (x.at(-1) ?? 0);
  return x.some((value, at) => value - (x[at - 1] ?? 0) > most);
};

/** How samples are placed on their way: by time, or by their number, as a loop counts. */
const timingsOf = ({ t }: Pick<Path, 't'>): readonly Column[] => [t, t.map((_, at) => at)].map(partsOf);

/** From 0 at the first to 1 at the last. */
function partsOf(values: Column): Column {
  const first = values[0] ?? 0;
  const whole = (values.at(-1) ?? 0) - first || 1;
  return values.map((value) => (value - first) / whole);
}

/** Hands speed up and slow down; a loop adds the same amount each time. */
const isConstant = ({ x }: Path, timings: readonly Column[]): boolean =>
  x.length >= 8 && timings.some((parts) => residual(parts, x, 1) < 2 * roundingPx);

/** The handle follows one line within rounding, level or not. */
const isStraight = ({ x, y }: Path): boolean => x.length >= 8 && residual(partsOf(x), y, 1) < roundingPx;

/** A mouse stands on whole device pixels; browsers tell them as such, or rounded to whole CSS pixels. */
function isOffGrid({ x, y }: Path, pixelRatio: number): boolean {
  const isOff = (value: number) => Math.abs(value - Math.round(value)) > 0.06;
  const isOffBoth = (value: number) => isOff(value) && isOff(value * pixelRatio);
  // The last sample is set to the end of the track.
  const last = x.length - 1;
  const off = x.filter((value, at) => at < last && (isOffBoth(value) || isOffBoth(y[at] ?? 0)));
  return off.length > x.length / 2;
}

/** Easing curves of the textbooks and of animation libraries; the second is minimum jerk. */
const bookCurves: readonly ((part: number) => number)[] = [
  (s) => s * s * (3 - 2 * s),
  (s) => s ** 3 * (10 - 15 * s + 6 * s * s),
  (s) => (1 - Math.cos(Math.PI * s)) / 2,
  (s) => Math.sin((Math.PI * s) / 2),
  (s) => 1 - (1 - s) ** 2,
  (s) => 1 - (1 - s) ** 3,
  (s) => 1 - (1 - s) ** 4,
  (s) => 1 - (1 - s) ** 5,
  (s) => (s === 1 ? 1 : 1 - 2 ** (-10 * s)),
  (s) => (s < 0.5 ? 2 * s * s : 1 - 2 * (1 - s) ** 2),
  (s) => (s < 0.5 ? 4 * s ** 3 : 1 - 4 * (1 - s) ** 3),
];
/** Of the way, as a root mean square. */
const bookTolerance = 0.012;

/**
 * Position over time, or over sample number, is an easing curve, noise or none; or both coordinates are cubics within
 * rounding, as points of a Bézier curve are.
 */
function isBookCurve({ x, t }: Path, way: Path, timings: readonly Column[]): boolean {
  if (way.x.length < 8) return false;
  if (timings.some((parts) => isCubic(way, parts))) return true;
  // Without the release, which comes after a rest.
  const fromPress = { x: [0, ...x.slice(0, -1)], t: [0, ...t.slice(0, -1)] };
  return isEased(fromPress.x, timingsOf(fromPress)) || isEased(way.x, timings);
}

const isCubic = ({ x, y }: Path, parts: Column): boolean =>
  x.length >= 16 && residual(parts, x, 3) < roundingPx && residual(parts, y, 3) < roundingPx;

function isEased(x: Column, timings: readonly Column[]): boolean {
  const values = partsOf(x);
  const most = bookTolerance ** 2 * values.length;
  return timings.some((parts) =>
    bookCurves.some((curve) => {
      let squares = 0;
      return values.every((value, at) => {
        squares += (value - curve(parts[at] ?? 0)) ** 2;
        return squares < most;
      });
    }),
  );
}

/** Root mean square of what the best polynomial of that degree leaves, in the unit of the values. */
function residual(parts: Column, values: Column, degree: number): number {
  // By polynomials that are orthogonal over these very places, each from the two before it (Forsythe): no system of equations
  // to solve. Only what makes the next of the last ones is kept, and never its values: to keep them takes longest.
  const shifts: number[] = [];
  const ratios: number[] = [];
  let left = values.reduce((sum, value) => sum + value * value, 0);
  let sizeBefore = Number.POSITIVE_INFINITY;
  while (shifts.length <= degree) {
    let size = 0;
    let shift = 0;
    let along = 0;
    for (let index = 0; index < parts.length; index += 1) {
      const place = parts[index] ?? 0;
      let before = 0;
      let value = 1;
      for (let grade = 0; grade < shifts.length; grade += 1) {
        const next = (place - (shifts[grade] ?? 0)) * value - (ratios[grade] ?? 0) * before;
        before = value;
        value = next;
      }
      size += value * value;
      shift += value * value * place;
      along += value * (values[index] ?? 0);
    }
    // All samples at one place: nothing more to fit.
    if (size < 1e-12) break;
    left -= (along * along) / size;
    shifts.push(shift / size);
    ratios.push(size / sizeBefore);
    sizeBefore = size;
  }
  return Math.sqrt(Math.max(0, left) / values.length);
}

/** Independent noise turns back at each step: its differences correlate with -0.5. A hand drifts. */
function isNoise(values: Column): boolean {
  const steps = stepsOf(values);
  if (steps.length < 20) return false;
  const mean = meanOf(steps);
  const around = steps.map((step) => step - mean);
  const spread = meanOf(around.map((step) => step ** 2));
  // A straight hand flickers between two rows of pixels.
  if (spread < 0.6) return false;
  const together = meanOf(around.slice(1).map((step, at) => step * (around[at] ?? 0)));
  return together / spread < -0.35;
}

const sketchPoints = 24;
/** Below the shortest track, so that a recording whose end was fitted to another track is the same one. */
const sketchWayPx = 160;
/** Five steps of whole pixels and milliseconds are some 40 bits: of 100,000 drags a day hardly ever two are the same. */
const sketchSamples = 6;

/**
 * 24 points of the first part of a drag, each told from the first: the same for a copy that was shifted in place or time.
 * `undefined` where too little is told to know a drag again. It goes into a keyed hash and nowhere else.
 */
export function sketchOf({ trace }: Drag): string | undefined {
  const { x, y, t } = pathOf(trace);
  const [first = 0] = x;
  const part = [...x.keys()].filter((at) => (x[at] ?? 0) - first <= sketchWayPx);
  if (part.length < sketchSamples) return undefined;
  // By way of hundredths, as the script rounds to them: else what a shift does to the last bit of a number would show.
  const from = (column: Column, at: number) =>
    Math.round(Math.round(((column[at] ?? 0) - (column[0] ?? 0)) * 100) / 10);
  return Array.from({ length: sketchPoints }, (_, point) => {
    const at = part[Math.floor((point * part.length) / sketchPoints)] ?? 0;
    return [from(x, at), from(y, at), from(t, at)].join(' ');
  }).join(',');
}
