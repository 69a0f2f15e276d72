// Chance that can be repeated: the same seed, the same drill.

export interface Chance {
  /** From 0 up to `below`, which it never is. */
  whole(below: number): number;
  pick<T>(from: readonly T[]): T;
}

/** SplitMix32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e_37_79_b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21_f0_aa_ad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x73_5a_2d_97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const whole = (below: number) => Math.floor((next() / 2 ** 32) * below);
  return {
    whole,
    pick(from) {
      const picked = from[whole(from.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
