// What tests share, for those who need it: made ready by the first who asks, in `servers.ts`.
import { inject } from 'vitest';

export type Shared = 'postgres' | 'valkey' | 'command';

const asked = new Map<Shared, Promise<string>>();

async function fetchPlace(name: Shared): Promise<string> {
  const answer = await fetch(new URL(name, inject('serversUrl')));
  const told = await answer.text();
  if (!answer.ok) throw new Error(told);
  return told;
}

/** The URL of a server, empty where this machine has none, or the file of the command. */
export function askFor(name: Shared): Promise<string> {
  const asking = asked.get(name) ?? fetchPlace(name);
  asked.set(name, asking);
  return asking;
}

/** Outside a run of tests nobody can be asked: whoever made it ready says so. */
export function tellPlace(name: Shared, place: string): void {
  asked.set(name, Promise.resolve(place));
}
