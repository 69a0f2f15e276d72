import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from './clock.ts';
import { createBackOff, passOver } from './pass.ts';
import { Problem } from './problem.ts';

function setUp(broken: readonly string[], all: readonly string[], most: number) {
  let now = 1_800_000_000_000;
  const clock = { now: () => now };
  const backOff = createBackOff(clock);
  const done = new Set<string>();
  const logged: { readonly level: string; readonly facts: object }[] = [];
  const write = (level: string) => (facts: object) => void logged.push({ level, facts });
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const tries: string[] = [];
  const work = async (id: string) => {
    tries.push(id);
    if (broken.includes(id)) throw new Error('broken');
    done.add(id);
  };
  return {
    done,
    logged,
    pass: (ms: number) => {
      now += ms;
      tries.length = 0;
      const waiting = backOff.waiting();
      const due = all.filter((id) => !done.has(id) && !waiting.includes(id)).slice(0, most);
      const trying = (id: string) => backOff.trying(id, () => work(id));
      return passOver(due, trying, { log, job: 'test', of: (id) => ({ id }) }).then(() => [...tries]);
    },
    back: backOff,
  };
}

describe('what failed', () => {
  it('at the head of the list is passed over by what stands behind it', async () => {
    const { pass, done } = setUp(['a', 'b'], ['a', 'b', 'c', 'd', 'e'], 2);
    expect(await pass(0)).toEqual(['a', 'b']);
    expect(await pass(1_000)).toEqual(['c', 'd']);
    expect(await pass(1_000)).toEqual(['e']);
    expect([...done]).toEqual(['c', 'd', 'e']);
    expect(await pass(1_000)).toEqual([]);
  });

  it('waits a minute, then twice as long each time, an hour at most, and not a day after the clock was set back', async () => {
    const { pass } = setUp(['a'], ['a'], 1);
    await pass(0);
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await pass(minutes * minuteMs - 1), `${minutes} min`).toEqual([]);
      expect(await pass(1), `${minutes} min`).toEqual(['a']);
    }
    expect(await pass(-24 * hourMs)).toEqual(['a']);
  });

  it('is logged a few times a pass and counted in all', async () => {
    const ids = Array.from({ length: 50 }, (_, at) => String(at));
    const { pass, logged } = setUp(ids, ids, 50);
    await pass(0);
    expect(logged.filter(({ level }) => level === 'error')).toHaveLength(5);
    expect(logged.at(-1)).toEqual({ level: 'warn', facts: { job: 'test', failed: 50, due: 50 } });
  });

  it('because too much is waiting says nothing of the one that was tried', async () => {
    const { back } = setUp([], [], 1);
    const busy = () => Promise.reject(new Problem('busy'));
    await expect(back.trying('a', busy)).rejects.toThrow(Problem);
    expect(back.waiting()).toEqual([]);
  });

  it('is known of a thousand and no more', async () => {
    const { back } = setUp([], [], 1);
    const fail = () => Promise.reject(new Error('broken'));
    for (let at = 0; at < 1_001; at += 1) await back.trying(String(at), fail).catch(() => {});
    expect(back.waiting()).toHaveLength(1_000);
    expect(back.waiting()).not.toContain('0');
  });
});
