// `rekey worker`: what happens by timer and nothing else, beside any number of `rekey serve --no-jobs` on one PostgreSQL. As
// many as are wanted share the work: what one has claimed and not done when it dies is taken over by the next.
import packageFile from '../../package.json' with { type: 'json' };
import { Problem } from '../base/problem.ts';
import { createRekey } from '../index.ts';
import { loadForService } from './load-for-service.ts';
import { finishInTime, untilSignal } from './until-signal.ts';

export interface WorkerOptions {
  readonly config?: string | undefined;
}

/** Runs until SIGTERM or SIGINT. */
export async function runWorker({ config }: WorkerOptions): Promise<void> {
  const { settings, input, log } = await loadForService(config);
  if (settings.database.startsWith('sqlite:'))
    throw new Problem(
      'worker-refused',
      'A SQLite file belongs to one process: rekey serve does this work itself. Workers of their own need PostgreSQL.',
    );
  const rekey = await createRekey({ settings: input, log });
  try {
    rekey.jobs.start();
    log.info({ version: packageFile.version, startMs: Math.round(performance.now()) }, 'working');
    await untilSignal(log);
    await finishInTime(rekey.jobs.stop(), log);
  } finally {
    await rekey.close();
  }
  log.info({}, 'stopped');
}
