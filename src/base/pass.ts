// One pass of a background job over what is due: what fails is logged and counted, and holds up nothing that is behind it.
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

/** `of`: what the log says of one, such as its id. Throws the problem `busy`, which all that follows would meet as well. */
export async function passOver<T>(
  due: readonly T[],
  work: (each: T) => Promise<unknown>,
  { log, job, of }: { readonly log: Log; readonly job: string; readonly of: (each: T) => object },
): Promise<void> {
  let failed = 0;
  for (const each of due) {
    try {
      await work(each);
    } catch (err) {
      if (err instanceof Problem && err.problem === 'busy') throw err;
      failed += 1;
      log.error({ err, job, ...of(each) }, 'a background job met a fault, and went on with the next');
    }
  }
  if (failed > 0) log.warn({ job, failed, due: due.length }, 'a background job is not through with all that was due');
}
