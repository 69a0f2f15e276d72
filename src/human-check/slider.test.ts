import { describe, expect, it } from 'vitest';
import { type Drag, isAtEnd, scoreDrag } from './slider.ts';

const travelPx = 200;
const drag: Drag = {
  trace: [],
  pointer: 'mouse',
  isTrusted: true,
  isAutomated: false,
  pixelRatio: 1,
  grab: [4, -7],
  approach: 20,
  restMs: 90,
};

/** `count` samples 16 ms apart along `x` and `y`, given the part of the way in time. */
const traceOf = (count: number, x: (part: number) => number, y: (part: number, at: number) => number): number[] =>
  Array.from({ length: count }, (_, at) => {
    const part = (at + 1) / count;
    return [x(part) * travelPx, y(part, at), (at + 1) * 16];
  }).flat();

const whole = (value: number) => Math.round(value);
/** A hand: quick at first, slower at the end, a pause on the way, drifting up. */
const handTrace = traceOf(
  40,
  (part) =>
    whole((part < 0.6 ? 1.45 * part ** 1.2 : 0.785 + 0.215 * ((part - 0.6) / 0.4) ** 0.7) * travelPx) / travelPx,
  (part) => whole(-6 * part ** 2 + 2 * part),
);

describe('the score of a drag', () => {
  it('is low for an uneven drag that drifts', () => {
    expect(scoreDrag({ ...drag, trace: handTrace }).score).toBeLessThanOrEqual(2);
  });

  it('counts few samples as unknown, for the old phone and the head pointer', () => {
    const trace = traceOf(
      7,
      (part) => part,
      () => 0,
    );
    expect(scoreDrag({ ...drag, trace })).toEqual({ score: 0, reasons: ['few-samples'] });
  });

  it('does not depend on how long it takes', () => {
    const slow = handTrace.map((value, at) => (at % 3 === 2 ? value * 40 : value));
    expect(scoreDrag({ ...drag, trace: slow })).toEqual(scoreDrag({ ...drag, trace: handTrace }));
  });

  it.each([
    ['untrusted', { ...drag, trace: handTrace, isTrusted: false }],
    ['automated', { ...drag, trace: handTrace, isAutomated: true }],
    ['no-approach', { ...drag, trace: handTrace, approach: 0 }],
    ['dead-centre', { ...drag, trace: handTrace, grab: [0, 0] }],
    ['no-rest', { ...drag, trace: handTrace, restMs: 0 }],
    [
      'constant-step',
      {
        ...drag,
        trace: traceOf(
          30,
          (part) => part,
          () => 1,
        ),
      },
    ],
    [
      'flat-y',
      {
        ...drag,
        trace: traceOf(
          30,
          (part) => part,
          () => 0,
        ),
      },
    ],
    [
      'book-curve',
      {
        ...drag,
        trace: traceOf(
          30,
          (part) => part * part * (3 - 2 * part),
          () => 1,
        ),
      },
    ],
    ['off-grid', { ...drag, trace: handTrace.map((value, at) => (at % 3 === 0 ? value + 0.37 : value)) }],
    [
      'noise-y',
      {
        ...drag,
        trace: traceOf(
          40,
          (part) => part,
          (_, at) => [3, -2, 1, -4, 2, -1, 4, -3][at % 8] ?? 0,
        ),
      },
    ],
    ['impossible', { ...drag, trace: handTrace.map((value, at) => (at % 3 === 2 ? 0 : value)) }],
  ] as const)('sees %s', (reason, given) => {
    expect(scoreDrag(given).reasons).toContain(reason);
  });

  it('takes whole device pixels on a screen at 125 %, and whole CSS pixels', () => {
    const trace = handTrace.map((value, at) => (at % 3 === 2 ? value : Math.round(value * 1.25) / 1.25));
    expect(scoreDrag({ ...drag, pixelRatio: 1.25, trace }).reasons).not.toContain('off-grid');
    expect(scoreDrag({ ...drag, pixelRatio: 1.25, trace: handTrace }).reasons).not.toContain('off-grid');
  });

  it('steps a straight, even, flat jump of a script up', () => {
    const trace = traceOf(
      30,
      (part) => part,
      () => 0,
    );
    expect(scoreDrag({ ...drag, trace, approach: 0 }).score).toBeGreaterThanOrEqual(5);
  });

  it('reads an empty trace and one that is cut short', () => {
    expect(scoreDrag({ ...drag, trace: [] }).reasons).toContain('few-samples');
    expect(scoreDrag({ ...drag, trace: [1, 2] }).reasons).toContain('few-samples');
  });
});

describe('the end of the track', () => {
  it('is reached within a tremor of 6 px, and not before', () => {
    expect(isAtEnd({ ...drag, trace: [194, 0, 500] }, travelPx)).toBe(true);
    expect(isAtEnd({ ...drag, trace: [193, 0, 500] }, travelPx)).toBe(false);
    expect(isAtEnd({ ...drag, trace: [230, 0, 500] }, travelPx)).toBe(false);
    expect(isAtEnd({ ...drag, trace: [] }, travelPx)).toBe(false);
  });
});
