// Reads a drag: points with reasons, by plain rules and no model. It sets the price of a pass and is never the gate, as
// any rule here can be learnt by a bot. Few samples say "unknown", not "bot": remote desktops, old phones and head
// pointers send 5 to 10. The trace is dropped after scoring; only points and reason codes are kept.

/** Goes with each verdict, so that figures are never compared across rules. */
export const slidePolicy = 'slide-1';

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

/** No soft rule reaches the step-up (5) alone. */
const points = {
  untrusted: 5,
  impossible: 5,
  'constant-step': 4,
  'off-grid': 3,
  'book-curve': 3,
  automated: 3,
  'flat-y': 2,
  'noise-y': 2,
  'dead-centre': 2,
  'no-approach': 2,
  'no-rest': 1,
  'few-samples': 0,
} as const;

export type Reason = keyof typeof points;

export interface Score {
  readonly score: number;
  readonly reasons: readonly Reason[];
}

interface Sample {
  readonly x: number;
  readonly y: number;
  readonly t: number;
}

/** From here on a shape can be judged. */
const enoughSamples = 12;
/** A hand with a tremor lets go a little early. */
const endTolerancePx = 6;

/** Whether the drag ended at the end of this challenge's track. */
export const isAtEnd = ({ trace }: Drag, travelPx: number): boolean => {
  const last = samplesOf(trace).at(-1);
  return last !== undefined && Math.abs(last.x - travelPx) <= endTolerancePx;
};

export function scoreDrag(drag: Drag): Score {
  const samples = samplesOf(drag.trace);
  const reasons: Reason[] = [];
  const add = (reason: Reason, isSo: boolean) => {
    if (isSo) reasons.push(reason);
  };
  const isMouse = drag.pointer === 'mouse';

  add('untrusted', !drag.isTrusted);
  add('automated', drag.isAutomated);
  add('impossible', samples.some(({ t }, at) => t < (samples[at - 1]?.t ?? 0)) || (samples.at(-1)?.t ?? 0) === 0);
  add('no-approach', isMouse && drag.approach === 0);
  add('dead-centre', Math.hypot(...drag.grab) < 0.5);
  add('no-rest', drag.restMs < 2);
  if (samples.length < enoughSamples) {
    add('few-samples', true);
  } else {
    add('constant-step', isConstantStep(samples));
    add('off-grid', isMouse && isOffGrid(samples, drag.pixelRatio));
    add('book-curve', isBookCurve(samples));
    add(
      'flat-y',
      samples.every(({ y }) => y === 0),
    );
    add('noise-y', isNoise(samples.map(({ y }) => y)));
  }
  return { score: reasons.reduce((sum, reason) => sum + points[reason], 0), reasons };
}

function samplesOf(trace: readonly number[]): Sample[] {
  const samples: Sample[] = [];
  for (let at = 0; at + 2 < trace.length; at += 3) {
    samples.push({ x: trace[at] ?? 0, y: trace[at + 1] ?? 0, t: trace[at + 2] ?? 0 });
  }
  return samples;
}

const stepsOf = (values: readonly number[]): number[] => values.slice(1).map((value, at) => value - (values[at] ?? 0));
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const spreadOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
};

/** Hands speed up and slow down; a loop adds the same amount each time. The clamped end of the track does not count. */
function isConstantStep(samples: readonly Sample[]): boolean {
  const steps = stepsOf(samples.map(({ x }) => x))
    .filter((step) => step !== 0)
    .slice(0, -1);
  return steps.length >= 8 && spreadOf(steps) < 0.05 * Math.abs(meanOf(steps));
}

/** A mouse stands on whole device pixels; browsers tell them as such, or rounded to whole CSS pixels. */
function isOffGrid(samples: readonly Sample[], pixelRatio: number): boolean {
  const isOff = (value: number) => Math.abs(value - Math.round(value)) > 0.06;
  // The last sample is set to the end of the track.
  const off = samples.slice(0, -1).filter(({ x, y }) => [x, y].some((at) => isOff(at) && isOff(at * pixelRatio)));
  return off.length > samples.length / 2;
}

const bookCurves: readonly ((part: number) => number)[] = [
  (s) => s * s * (3 - 2 * s),
  (s) => s ** 3 * (10 - 15 * s + 6 * s * s),
  (s) => (1 - Math.cos(Math.PI * s)) / 2,
  (s) => 1 - (1 - s) ** 2,
  (s) => 1 - (1 - s) ** 3,
  (s) => (s < 0.5 ? 2 * s * s : 1 - 2 * (1 - s) ** 2),
  (s) => (s < 0.5 ? 4 * s ** 3 : 1 - 4 * (1 - s) ** 3),
];

/**
 * Whether position over time, or over sample number, follows an easing curve of the textbooks within 1 % of the way,
 * from the press or from the first move on.
 */
function isBookCurve(samples: readonly Sample[]): boolean {
  const press: Sample = { x: 0, y: 0, t: 0 };
  return [[press, ...samples], samples].some((path) => {
    const [first, last] = [path[0] ?? press, path.at(-1) ?? press];
    if (last.x === first.x || last.t === first.t) return false;
    const clocks: readonly ((sample: Sample, at: number) => number)[] = [
      ({ t }) => (t - first.t) / (last.t - first.t),
      (_, at) => at / (path.length - 1),
    ];
    const isOn = (curve: (part: number) => number, clock: (sample: Sample, at: number) => number) =>
      path.every((sample, at) => Math.abs((sample.x - first.x) / (last.x - first.x) - curve(clock(sample, at))) < 0.01);
    return clocks.some((clock) => bookCurves.some((curve) => isOn(curve, clock)));
  });
}

/** Independent noise turns back at each step: its differences correlate with -0.5. A hand drifts. */
function isNoise(values: readonly number[]): boolean {
  const steps = stepsOf(values);
  const spread = spreadOf(steps);
  if (steps.length < 20 || spread === 0) return false;
  const mean = meanOf(steps);
  const together = meanOf(steps.slice(1).map((step, at) => (step - mean) * ((steps[at] ?? 0) - mean)));
  return together / spread ** 2 < -0.35;
}
