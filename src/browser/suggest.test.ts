import { describe, expect, it, vi } from 'vitest';
import { type Draw, drawSecurely, suggest } from './suggest.ts';
import { words as english } from './words-en.ts';
import { words as spanish } from './words-es.ts';

describe.each([
  ['English', english],
  ['Spanish', spanish],
])('the %s words', (_language, words) => {
  const list = words.trim().split(/\s+/);

  it('are at least 1,024, each once, so that five of them carry 50 bits', () => {
    expect(new Set(list).size).toBe(list.length);
    expect(5 * Math.log2(list.length)).toBeGreaterThanOrEqual(50);
  });

  it('are short and on every keyboard', () => expect(list.filter((word) => !/^[a-z]{3,8}$/.test(word))).toEqual([]));

  it('make 15 characters or more, even of the shortest', () => {
    const shortest = list.findIndex((word) => word.length === 3);
    expect(suggest(words, () => shortest)).toHaveLength(19);
  });

  it('make as many as a longer minimum asks for', () => {
    expect(suggest(words, drawSecurely, 64).length).toBeGreaterThanOrEqual(64);
  });
});

describe('a suggestion', () => {
  it('is five words in the order drawn, of which one may come twice', () => {
    const draws = [2, 0, 1, 1, 2];
    const draw: Draw = (below) => (below === 3 ? (draws.shift() ?? 0) : 0);
    expect(suggest('kettle  purple\n noon ', draw)).toBe('noon-kettle-purple-purple-noon');
  });

  it('is never the same twice', () => {
    const made = Array.from({ length: 200 }, () => suggest(english, drawSecurely));
    expect(new Set(made).size).toBe(200);
  });

  it('is drawn without favour: what lies beyond the last full round is drawn again', () => {
    const numbers = [2 ** 32 - 1, 2 ** 32 - 2, 7];
    const generator = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      if (array instanceof Uint32Array) array[0] = numbers.shift() ?? 0;
      return array;
    });
    const drawn = drawSecurely(3);
    generator.mockRestore();
    // 2^32 is one more than a multiple of 3.
    expect(drawn).toBe((2 ** 32 - 2) % 3);
  });

  it('may be any of the words', () => {
    const drawn = new Set(Array.from({ length: 2_000 }, () => drawSecurely(10)));
    expect(drawn).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });
});
