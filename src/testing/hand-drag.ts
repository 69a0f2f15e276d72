// A drag as a hand might make it, for tests: uneven, drifting, in whole pixels. It is made up and stands for nobody.
import type { Drag } from '../human-check/slider.ts';

let made = 0;

/** Another one each time, as no hand repeats itself; `travelPx` is the way that the challenge asks for. */
export function handDrag(travelPx = 200): Drag {
  made += 1;
  // Spread over what a hand does however many were made: from six turns a drag on it would be a tremor.
  const [count, turn] = [36 + (made % 11), 1 + ((made * 0.618_034) % 3)];
  const trace = Array.from({ length: count }, (_, at) => {
    const part = (at + 1) / count;
    const wave = 0.02 * Math.sin(turn * 5 * part) * (1 - part);
    const way = wave + (part < 0.55 ? 1.3 * part ** 1.3 : 0.6 + 0.4 * ((part - 0.55) / 0.45) ** 0.6);
    const drift = -9 * part ** 2 + 3 * Math.sin(turn * 4 * part);
    return [Math.max(0, Math.min(travelPx, Math.round(way * travelPx))), Math.round(drift), 16 * (at + 1)];
  });
  return {
    trace: [...trace, [travelPx, -6, 16 * count + 80]].flat(),
    pointer: 'mouse',
    isTrusted: true,
    isAutomated: false,
    pixelRatio: 1,
    grab: [4, -7],
    approach: 20,
    restMs: 80,
  };
}
