// What is done to a deployment in a round: something dies or misbehaves for a moment, at a moment that chance chooses.
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Chance } from './random.ts';
import type { Site } from './site.ts';

export type Disturb = (site: Site, chance: Chance) => Promise<void>;

const aheadMs = 20 * 60_000;

const again = async (kept: Site['worker'], ahead = 0) => {
  await kept.kill();
  await kept.start(ahead);
};

const mailBehaves =
  (manner: 'defer' | 'hang' | 'drop'): Disturb =>
  async ({ mailbox }, chance) => {
    mailbox.behave(manner);
    await wait(1_000 + chance.whole(2_000));
    mailbox.behave('accept');
  };

export const disturbances = {
  /** Any one of them: for what dies in the middle of something. */
  node: ({ nodes }, chance) => again(chance.pick(nodes)),
  worker: ({ worker }) => again(worker),
  postgres: ({ postgres }) => postgres.crash(),
  async valkey({ valkey }, chance) {
    await valkey?.stop();
    await wait(chance.whole(2_000));
    await valkey?.start();
  },
  'mail-deferred': mailBehaves('defer'),
  'mail-hangs': mailBehaves('hang'),
  'mail-dropped-after-data': mailBehaves('drop'),
  /** Whatever it can no longer write, its log of what was committed too: then it dies, and does not come up until there is room. */
  async 'disk-full'({ postgres }, chance) {
    const disk = await postgres.fillDisk?.();
    await wait(1_000 + chance.whole(2_000));
    await disk?.free();
  },
  /** All connections of the nodes end, and others take every place. */
  async connections({ postgres }, chance) {
    const { Client: Connection } = (await import('pg')).default;
    const held: Client[] = [];
    const open = async (): Promise<boolean> => {
      const client = new Connection({ connectionString: postgres.url, application_name: 'drill' });
      client.on('error', () => {});
      const isOpen = await client.connect().then(
        () => true,
        () => false,
      );
      if (isOpen) held.push(client);
      return isOpen;
    };
    if (!(await open())) return;
    await held[0]?.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rekey'");
    const until = performance.now() + 1_000 + chance.whole(1_500);
    while (performance.now() < until) if (!(await open())) await wait(50);
    await Promise.all(held.map((client) => client.end().catch(() => {})));
  },
  /** Until it dies again. */
  clock: ({ nodes }, chance) => again(chance.pick(nodes), chance.pick([-aheadMs, aheadMs])),
  async everything({ nodes, worker, postgres, valkey }) {
    await Promise.all([...nodes, worker].map((kept) => kept.kill()));
    await Promise.all([postgres.crash(), valkey?.stop().then(() => valkey.start())]);
    await Promise.all([...nodes, worker].map((kept) => kept.start()));
  },
} as const satisfies Record<string, Disturb>;

export type DisturbanceName = keyof typeof disturbances;

export const disturbanceNames = Object.keys(disturbances).filter((name): name is DisturbanceName =>
  Object.hasOwn(disturbances, name),
);
