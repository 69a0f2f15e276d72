// What tests share: a PostgreSQL, a counter store, the command as it is shipped. Each is made ready when the first test asks for it
// (`ask.ts`), while others run that need none of it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { TestProject } from 'vitest/node';
import type { Shared } from './ask.ts';

declare module 'vitest' {
  interface ProvidedContext {
    serversUrl: string;
  }
}

interface Ready {
  readonly place: string;
  stop?(): Promise<void>;
}

// What makes them is loaded only then, too: the first test waits for this file.
const makers: Readonly<Record<Shared, () => Promise<Ready>>> = {
  async postgres() {
    const { startPostgres } = await import('./postgres.ts');
    const { url, stop } = await startPostgres();
    return { place: url, stop };
  },
  async valkey() {
    const { startGivenValkey } = await import('./valkey.ts');
    const server = await startGivenValkey();
    return { place: server?.url ?? '', stop: async () => server?.stop() };
  },
  async command() {
    const { bundleCommand, bundledCommand } = await import('./bundled-command.ts');
    await bundleCommand();
    return { place: bundledCommand };
  },
};

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const makerAt = new Map(Object.entries(makers).map(([name, make]) => [`/${name}`, make]));
  const made = new Map<string, Promise<Ready>>();
  const make = (path: string): Promise<Ready> => {
    const making = made.get(path) ?? makerAt.get(path)?.() ?? Promise.reject(new Error(`nothing is shared at ${path}`));
    made.set(path, making);
    return making;
  };
  // Where apps are to be on it they find it here.
  if (process.env.REKEY_TEST_ENGINE === 'postgres') {
    process.env.REKEY_TEST_POSTGRES_URL = (await make('/postgres')).place;
  }
  const server = createServer((asked, answer) => {
    void make(asked.url ?? '').then(
      ({ place }) => answer.end(place),
      (fault: unknown) => answer.writeHead(500).end(String(fault)),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  project.provide('serversUrl', `http://127.0.0.1:${address.port}`);
  return async () => {
    server.close();
    // What could not be started has said so to whoever asked.
    const ready = await Promise.all([...made.values()].map((making) => making.catch(() => undefined)));
    await Promise.all(ready.map(async (each) => each?.stop?.()));
  };
}
