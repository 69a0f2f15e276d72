import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handDrag } from '../testing/hand-drag.ts';
import { type Drag, hardPoints, isAtEnd, scoreDrag, scoreOf, sketchOf, softPoints } from './slider.ts';

const travelPx = 200;
const hand = handDrag(travelPx);

/** `count` samples 16 ms apart along `x` and `y`, given the part of the way in time; then the release. */
const traceOf = (count: number, x: (part: number) => number, y: (part: number, at: number) => number): number[] =>
  Array.from({ length: count + 1 }, (_, at) => {
    const part = Math.min(1, (at + 1) / count);
    return [x(part) * travelPx, y(part, at), (at + 1) * 16];
  }).flat();

const drifting = (part: number) => Math.round(12 * part * (1 - part) * Math.cos(9 * part));
const smooth = (part: number) => part * part * (3 - 2 * part);
const even = (part: number) => part;
const level = () => 0;
const reasonsOf = (more: Partial<Drag>) => scoreDrag({ ...hand, ...more }).reasons;

describe('the score of a drag', () => {
  it('is nothing for an uneven drag that drifts', () => {
    expect(scoreDrag(hand)).toEqual({ score: 0, reasons: [] });
  });

  it('counts few samples as unknown, for the old phone and the head pointer', () => {
    expect(scoreDrag({ ...hand, trace: traceOf(7, even, level) })).toEqual({ score: 0, reasons: ['few-samples'] });
  });

  it('does not depend on how slow it is', () => {
    const slow = hand.trace.map((value, at) => (at % 3 === 2 ? value * 40 : value));
    expect(scoreDrag({ ...hand, trace: slow })).toEqual(scoreDrag(hand));
  });

  it.each<[string, Partial<Drag>]>([
    ['untrusted', { isTrusted: false }],
    ['automated', { isAutomated: true }],
    ['no-approach', { approach: 1 }],
    ['dead-centre', { grab: [0, 0] }],
    ['no-rest', { restMs: 0 }],
    ['constant-speed', { trace: traceOf(30, even, drifting) }],
    ['constant-speed', { trace: traceOf(30, even, drifting).map(Math.round) }],
    ['straight', { trace: traceOf(30, smooth, level) }],
    ['straight', { trace: traceOf(30, smooth, (part) => Math.round(9 * smooth(part))) }],
    ['book-curve', { trace: traceOf(30, smooth, drifting) }],
    ['book-curve', { trace: traceOf(30, (part) => part ** 3 - 1.8 * part ** 2 + 1.8 * part, level) }],
    ['off-grid', { trace: hand.trace.map((value, at) => (at % 3 === 0 ? value + 0.37 : value)) }],
    ['noise-y', { trace: traceOf(40, even, (_, at) => [3, -2, 1, -4, 2, -1, 4, -3][at % 8] ?? 0) }],
    ['leap', { trace: [3, 0, 20, 150, 1, 200, 200, 2, 300] }],
    ['leap', { trace: [70, 0, 20, 140, 0, 40, 200, 0, 60] }],
    ['too-quick', { trace: [90, 0, 20, 200, 2, 59] }],
    ['impossible', { trace: hand.trace.map((value, at) => (at % 3 === 2 ? 0 : value)) }],
    ['impossible', { trace: [...hand.trace.slice(0, 30), 100, 0, 10, ...hand.trace.slice(33)] }],
    ['impossible', { trace: hand.trace.map((value, at) => (at % 3 === 2 ? -value : value)) }],
  ])('sees %s', (reason, more) => {
    expect(reasonsOf(more)).toContain(reason);
  });

  it('takes whole device pixels on a screen at 125 %, and whole CSS pixels', () => {
    const trace = hand.trace.map((value, at) => (at % 3 === 2 ? value : Math.round(value * 1.25) / 1.25));
    expect(reasonsOf({ pixelRatio: 1.25, trace })).toEqual([]);
    expect(reasonsOf({ pixelRatio: 1.25 })).toEqual([]);
  });

  const tremor = (_: number, at: number) => Math.round(4 * Math.sin(at * 0.9));

  /** What animation libraries have under these names. */
  const easings: Record<string, (part: number) => number> = {
    smoothstep: smooth,
    'minimum jerk': (part) => 10 * part ** 3 - 15 * part ** 4 + 6 * part ** 5,
    sineInOut: (part) => 0.5 - Math.cos(part * Math.PI) / 2,
    sineOut: (part) => Math.cos(((1 - part) * Math.PI) / 2),
    quadOut: (part) => part * (2 - part),
    cubicOut: (part) => part * (3 - 3 * part + part * part),
    quartOut: (part) => 1 - (part - 1) ** 4,
    quintOut: (part) => 1 + (part - 1) ** 5,
    expoOut: (part) => (part < 1 ? 1 - Math.exp(-10 * Math.LN2 * part) : 1),
    quadInOut: (part) => (part < 0.5 ? part * part * 2 : 4 * part - 2 * part * part - 1),
    cubicInOut: (part) => (part < 0.5 ? 4 * part ** 3 : 1 + 4 * (part - 1) ** 3),
  };
  it.each(Object.keys(easings))(
    'sees the book curve %s by the clock, by the sample and after a rest, under a tremor',
    (name) => {
      const ease = easings[name] ?? even;
      const even60 = traceOf(60, ease, tremor);
      const jitter = (value: number, sample: number) => value + (sample % 3) - 1;
      // Timers come late and never early: what a loop counts then says nothing by the clock.
      const late = even60.map((value, at) => (at % 3 === 2 ? value + 200 * Math.floor(at / 33) ** 2 : value));
      const byClock = Array.from({ length: 40 }, (_, at) => {
        const t = 16 * (at + 1) + ([0, 9, 2, 13, 5][at % 5] ?? 0);
        return [ease(Math.min(1, t / 640)) * travelPx, tremor(0, at), t];
      }).flat();
      const rested = [0, 0, 10, 0, 1, 20, ...even60.map((value, at) => (at % 3 === 2 ? value + 900 : value))];
      for (const trace of [even60, late, [...byClock, 200, 0, 760], rested])
        expect(reasonsOf({ trace })).toContain('book-curve');
      const rounded = even60.map((value, at) => (at % 3 === 0 ? jitter(Math.round(value), at / 3) : value));
      expect(reasonsOf({ trace: rounded })).toContain('book-curve');
    },
  );

  it('sees a constant speed by the clock, by the sample and after a rest', () => {
    const trace = traceOf(60, even, tremor);
    const late = trace.map((value, at) => (at % 3 === 2 ? value + 200 * Math.floor(at / 33) ** 2 : value));
    const rested = [0, 0, 10, 0, 1, 20, ...trace.map((value, at) => (at % 3 === 2 ? value + 900 : value))];
    for (const each of [trace, late, rested]) expect(reasonsOf({ trace: each })).toContain('constant-speed');
  });

  it('allows what is just beyond each line: the first of these a hand may do', () => {
    const twelve = hand.trace.slice(0, 33);
    expect(reasonsOf({ approach: 2, restMs: 2, grab: [0.75, 0] })).toEqual([]);
    expect(reasonsOf({ pointer: 'touch', approach: 0 })).toEqual([]);
    expect(reasonsOf({ trace: [90, 0, 20, 200, 2, 60] })).not.toContain('too-quick');
    expect(reasonsOf({ trace: [...twelve, 200, 2, 900] })).not.toContain('few-samples');
    expect(reasonsOf({ trace: [...twelve.slice(3), 200, 2, 900] })).toContain('few-samples');
    const tookMs = hand.trace.at(-1) ?? 0;
    expect(scoreDrag(hand, tookMs - 60_000).reasons).toEqual([]);
    expect(scoreDrag(hand, tookMs - 60_001).reasons).toEqual(['impossible']);
  });

  it('judges no shape of a flick after a rest, and no even hand that sways', () => {
    const rest = Array.from({ length: 20 }, (_, at) => [0, at < 9 ? 0 : 1, at * 16]).flat();
    const flick = [30, 1, 336, 80, 1, 352, 120, 1, 368, 170, 1, 384, 200, 1, 600];
    expect(reasonsOf({ trace: [...rest, ...flick] })).toEqual([]);
    const swaying = traceOf(60, (part) => part + 0.02 * Math.sin(part * 20), tremor);
    expect(reasonsOf({ trace: swaying, pointer: 'touch' })).toEqual([]);
  });

  it('sees noise over a slope, whole numbers off the grid upright, and no noise in few steps', () => {
    const noise = [3, -2, 1, -4, 2, -1, 4, -3];
    const slope = (count: number) => traceOf(count, even, (_, at) => 2 * at + (noise[at % 8] ?? 0));
    expect(reasonsOf({ trace: slope(40) })).toContain('noise-y');
    expect(reasonsOf({ trace: slope(19) })).not.toContain('noise-y');
    const off = hand.trace.map((value, at) => (at % 3 === 1 ? value + 0.37 : value));
    expect(reasonsOf({ trace: off })).toContain('off-grid');
  });

  it('has nothing against a tremor, a rest on the way, a way back, a straight hand that flickers, a blurred clock', () => {
    const change = (at: number, act: (value: number, sample: number) => number) =>
      hand.trace.map((value, index) => (index % 3 === at ? act(value, Math.floor(index / 3)) : value));
    const way = [
      change(1, (y, sample) => y + Math.round(5 * Math.sin(sample * 0.9))),
      change(2, (t, sample) => (sample > 15 ? t + 4_000 : t)),
      change(0, (x, sample) => (sample > 20 && sample < 26 ? x - 9 : x)),
      change(1, (_, sample) => Math.floor(sample / 2) % 2),
      change(2, (t) => Math.ceil(t / 100) * 100),
      change(2, (t) => Math.floor(t / 100) * 100),
    ];
    expect(way.map((trace) => reasonsOf({ trace }))).toEqual(way.map(() => []));
  });

  it('reaches the step-up by no soft rule alone, and by every hard one', () => {
    expect(Math.max(...Object.values(softPoints))).toBeLessThan(5);
    expect(Math.min(...Object.values(hardPoints))).toBe(5);
  });

  it('is a number for anything that the API lets through', () => {
    const figure = fc.double({ min: -100_000, max: 10_000_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(figure, { maxLength: 600 }), fc.tuple(figure, figure), (trace, grab) => {
        const given: Drag = { ...hand, trace, grab };
        expect(Number.isInteger(scoreDrag(given).score)).toBe(true);
        sketchOf(given);
      }),
      { numRuns: 60 },
    );
    expect(reasonsOf({ trace: [] })).toContain('impossible');
    expect(reasonsOf({ trace: [1, 2] })).toContain('few-samples');
  });

  it('adds up', () => expect(scoreOf(['straight', 'book-curve']).score).toBe(5));
});

describe('the sketch of a drag', () => {
  const sketch = sketchOf(hand);
  const shifted = (by: readonly [number, number, number]) => hand.trace.map((value, at) => value + (by[at % 3] ?? 0));

  it('is the same when the drag is shifted in place or in time', () => {
    fc.assert(
      fc.property(fc.tuple(fc.integer(), fc.integer(), fc.integer()), ([x, y, t]) => {
        const by = [(x % 40_000) / 1_000, (y % 40_000) / 1_000, (t % 4_000_000) / 1_000] as const;
        expect(sketchOf({ ...hand, trace: shifted(by) })).toBe(sketch);
      }),
    );
  });

  it('is the same when the end was fitted to another track', () => {
    const trace = [...hand.trace.slice(0, -3), 214, -6, 700];
    expect(sketchOf({ ...hand, trace })).toBe(sketch);
  });

  it('is another for another drag, and none where too little is told', () => {
    expect(sketchOf(handDrag(travelPx))).not.toBe(sketch);
    const few = [1, 0, 5, 20, 0, 9, 50, 1, 14, 90, 1, 30, 120, 2, 40, 180, 2, 61, 200, 2, 70];
    expect(sketchOf({ ...hand, trace: few })).toBeUndefined();
    expect(sketchOf({ ...hand, trace: [...few.slice(0, 15), 130, 2, 50, ...few.slice(15)] })).toBeDefined();
    expect(sketchOf({ ...hand, trace: [] })).toBeUndefined();
  });
});

describe('the end of the track', () => {
  it('is reached within a tremor of 6 px, and not before', () => {
    expect(isAtEnd({ ...hand, trace: [194, 0, 500] }, travelPx)).toBe(true);
    expect(isAtEnd({ ...hand, trace: [193, 0, 500] }, travelPx)).toBe(false);
    expect(isAtEnd({ ...hand, trace: [230, 0, 500] }, travelPx)).toBe(false);
    expect(isAtEnd({ ...hand, trace: [] }, travelPx)).toBe(false);
  });
});
