// Ctrl-C between two steps of long work, so that it can tell how it stands, or take back what it has begun.
import type { Problem } from '../base/problem.ts';

export interface Stop {
  /** Throws what `explain` made of the signal, once there was one. */
  check(): void;
  end(): void;
}

export function stopBySignal(explain: (signal: string) => Problem): Stop {
  let signal: string | undefined;
  const note = (name: string) => {
    signal = name;
  };
  process.on('SIGINT', note).on('SIGTERM', note);
  return {
    check() {
      if (signal !== undefined) throw explain(signal);
    },
    end: () => void process.off('SIGINT', note).off('SIGTERM', note),
  };
}
