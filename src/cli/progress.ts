// How far long work has come: a bar on a terminal, a line every ten seconds in a log. On standard error, so that results
// can be piped.
import { secondMs } from '../base/clock.ts';

export interface Progress {
  /** `share`: 0 to 1, or `undefined` where nobody knows. */
  show(words: string, share?: number): void;
  end(words: string): void;
}

export async function startProgress(words: string): Promise<Progress> {
  return process.stderr.isTTY ? startBar(words) : startLines(words);
}

async function startBar(words: string): Promise<Progress> {
  const { progress } = await import('@clack/prompts');
  const steps = 1_000;
  const bar = progress({ max: steps, style: 'block', output: process.stderr });
  let done = 0;
  bar.start(words);
  return {
    show(text, share = done / steps) {
      const to = Math.floor(share * steps);
      bar.advance(Math.max(0, to - done), text);
      done = Math.max(done, to);
    },
    end: (text) => bar.stop(text),
  };
}

function startLines(words: string): Progress {
  let saidAt = performance.now();
  console.error(words);
  return {
    show(text, share) {
      if (performance.now() - saidAt < 10 * secondMs) return;
      saidAt = performance.now();
      console.error(share === undefined ? text : `${text}, ${Math.floor(share * 100)} %`);
    },
    end: (text) => console.error(text),
  };
}
