// What becomes of drags: the share that passes at once, for more work, or is stepped up to letters.
import { stepAfter } from '../../src/human-check/ladder.ts';
import { type Drag, isAtEnd, scoreDrag, sketchOf } from '../../src/human-check/slider.ts';

export interface Rates {
  readonly count: number;
  readonly atOnce: number;
  readonly moreWork: number;
  /** Both of them: what the ceilings are for. */
  readonly withoutStepUp: number;
}

/** Judged as the first try of a browser in a quiet network. */
export function passRate(drags: readonly { readonly drag: Drag; readonly travelPx: number }[]): Rates {
  const steps = drags.map(({ drag, travelPx }) => {
    const { score, reasons } = scoreDrag(drag);
    const isUnknown = reasons.includes('few-samples') || sketchOf(drag) === undefined;
    const isRight = isAtEnd(drag, travelPx);
    return stepAfter({ mode: 'drag', level: 0, score, isUnknown, isRight, failures: 0, alwaysLetters: false }).step;
  });
  const share = (step: string) => steps.filter((each) => each === step).length / Math.max(1, steps.length);
  const [atOnce, moreWork] = [share('passed'), share('more-work')];
  return { count: steps.length, atOnce, moreWork, withoutStepUp: atOnce + moreWork };
}
