// The one source of time. Everything else asks a Clock, so that tests can move it and many nodes can agree on it.

/** Tells the time as UTC epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() };

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
