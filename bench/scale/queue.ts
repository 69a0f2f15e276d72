// How long people wait where more come than there are servers for, by simulation: arrivals at random (Poisson), a service time, `servers`
// of them, one line. With service times at random too it is M/M/c, whose mean wait a formula knows (Erlang C): that is what the
// simulation is held against, before it is asked about a service that takes always the same, as hashing does.

export interface Queue {
  readonly servers: number;
  /** A second. */
  readonly arrivals: number;
  readonly serviceMs: number;
  readonly service: 'at-random' | 'always-the-same';
}

export interface Waits {
  readonly meanMs: number;
  readonly p99Ms: number;
  /** Of the time of all servers. */
  readonly busy: number;
}

/** From 0 to 1, the same numbers for the same seed (mulberry32). */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The waits before service of `people` who come one after the other. */
export function simulate({ servers, arrivals, serviceMs, service }: Queue, people: number, seed: number): Waits {
  const chance = createChance(seed);
  const atRandom = (meanMs: number) => -Math.log(1 - chance()) * meanMs;
  /** When each server is free again, the soonest first (a heap). */
  const freeAt = new Float64Array(servers);
  const waits = new Float64Array(people);
  let now = 0;
  let workMs = 0;
  for (let person = 0; person < people; person += 1) {
    now += atRandom(1_000 / arrivals);
    const startsAt = Math.max(now, freeAt[0] ?? 0);
    const takesMs = service === 'at-random' ? atRandom(serviceMs) : serviceMs;
    waits[person] = startsAt - now;
    workMs += takesMs;
    sink(freeAt, startsAt + takesMs);
  }
  waits.sort();
  const sum = waits.reduce((total, wait) => total + wait, 0);
  return { meanMs: sum / people, p99Ms: waits[Math.floor(people * 0.99)] ?? 0, busy: workMs / (now * servers) };
}

/** Puts `value` in the place of the smallest. */
function sink(heap: Float64Array, value: number): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const smaller = right < heap.length && (heap[right] ?? 0) < (heap[left] ?? 0) ? right : left;
    if ((heap[smaller] ?? 0) >= value) break;
    heap[at] = heap[smaller] ?? 0;
    at = smaller;
  }
  heap[at] = value;
}

/** The mean wait of M/M/c by Erlang's formula, in ms; endless where more come than can be served. */
export function erlangWaitMs({ servers, arrivals, serviceMs }: Omit<Queue, 'service'>): number {
  const load = (arrivals * serviceMs) / 1_000;
  if (load >= servers) return Number.POSITIVE_INFINITY;
  // Erlang B by its recursion, which overflows for no number of servers.
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) blocked = (load * blocked) / (count + load * blocked);
  const waiting = blocked / (1 - (load / servers) * (1 - blocked));
  return (waiting * serviceMs) / (servers - load);
}
