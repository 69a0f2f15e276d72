// A thread for the tests that stays from one change to the next, with all modules in it: loading them took ten times as
// long as most tests do. Stryker switches changes while they run; what a module does as it loads is asked of a new thread.
import { EventEmitter } from 'node:events';
import type { Plugin } from 'vite';
import { type PoolOptions, type PoolWorker, ThreadsPoolWorker, type WorkerRequest } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of Stryker: `static` for a change to what a module does as it loads. */
    readonly mutantActivation?: 'static' | 'runtime';
  }
}

type Listener = Parameters<PoolWorker['on']>[1];

let kept: ThreadsPoolWorker | undefined;
let isStarted = false;
/** Where coverage is off, as for statements, Stryker switches all changes while they run, and none of them asks for a new thread. */
const loadsAnew = process.env['MUTATION_COVERAGE'] === 'off';
/** A change was in place while its modules loaded: it would be part of every change after it. */
let isSpoilt = false;

function createKeptWorker(options: PoolOptions): PoolWorker {
  const answers = new EventEmitter();
  const listeners: (readonly [event: string, listener: Listener])[] = [];
  const answer = (type: 'started' | 'stopped') =>
    setImmediate(() => answers.emit('message', { type, __vitest_worker_response__: true }));

  return {
    name: 'kept',
    async start() {
      const isOfLoading = loadsAnew || options.project.getProvidedContext().mutantActivation === 'static';
      if (isOfLoading || isSpoilt) await endKeptWorker();
      isSpoilt = isOfLoading;
      kept ??= new ThreadsPoolWorker(options);
      await kept.start();
    },
    on(event, listener) {
      answers.on(event, listener);
      kept?.on(event, listener);
      listeners.push([event, listener]);
    },
    off(event, listener) {
      answers.off(event, listener);
      kept?.off(event, listener);
    },
    send(request: WorkerRequest) {
      if (request.type === 'stop') answer('stopped');
      else if (request.type === 'start' && isStarted) answer('started');
      else {
        isStarted = true;
        kept?.send(request);
      }
    },
    deserialize: (data) => data,
    async stop() {
      for (const [event, listener] of listeners) kept?.off(event, listener);
    },
  };
}

async function endKeptWorker(): Promise<void> {
  const ended = kept;
  kept = undefined;
  isStarted = false;
  await ended?.stop();
}

export const keepWorker = (): Plugin => ({
  name: 'kept-worker',
  configureVitest({ project, vitest }) {
    // Stryker names a pool of its own, so it is put in its place here.
    project.config.pool = 'kept';
    project.config.poolRunner = { name: 'kept', createPoolWorker: createKeptWorker };
    vitest.onClose(endKeptWorker);
  },
});
