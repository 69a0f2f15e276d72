// What tests on both engines need, made ready at the same time: each is mostly waited for.
import type { TestProject } from 'vitest/node';
import bundle from './bundled-command.ts';
import providePostgres from './postgres.ts';
import provideValkey from './valkey.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [stopPostgres, stopValkey] = await Promise.all([providePostgres(project), provideValkey(project), bundle()]);
  return async () => {
    await Promise.all([stopPostgres(), stopValkey()]);
  };
}
