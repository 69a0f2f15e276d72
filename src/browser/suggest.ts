// "Suggest one": a passphrase in the language of the page, made in the browser, so that nobody else has seen it.

/** A number from 0 up to, not including, `below`; all equally likely. */
export type Draw = (below: number) => number;

const wordCount = 5;
const range = 2 ** 32;

/**
 * Words joined by `-`: five, over 50 bits with a list of 1,024 words or more, and further ones where `minLength` asks
 * for them. `words`: one string, separated by white space (words-en.ts, words-es.ts).
 */
export function suggest(words: string, draw: Draw, minLength = 15): string {
  const list = words.trim().split(/\s+/);
  const drawn: string[] = [];
  while (drawn.length < wordCount || drawn.join('-').length < minLength) drawn.push(list[draw(list.length)] ?? '');
  return drawn.join('-');
}

/** From the browser's own generator, which also works over plain http. */
export const drawSecurely: Draw = (below) => {
  const [number = range] = crypto.getRandomValues(new Uint32Array(1));
  // The rest of the range would make the first words likelier than the last.
  return number < range - (range % below) ? number % below : drawSecurely(below);
};
