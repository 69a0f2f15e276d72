// What a V8 CPU profile says of a server's main thread: by the part of the code that ran, by function, and by function with
// all that it called. Shares of the time in which it did anything.
import type { Profiler } from 'node:inspector';
import { relative } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const listed = 25;

export function printProfile({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, recoveries: number): void {
  const selfMs = new Map<number, number>();
  for (const [at, id] of samples.entries()) selfMs.set(id, (selfMs.get(id) ?? 0) + (timeDeltas[at] ?? 0) / 1_000);
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  const withCalled = new Map<string, number>();
  let allMs = 0;
  for (const node of nodes) {
    const ms = selfMs.get(node.id) ?? 0;
    const { functionName } = node.callFrame;
    if (ms === 0 || functionName === '(idle)' || functionName === '(root)') continue;
    allMs += ms;
    add(parts, partOf(node), ms);
    add(functions, nameOf(node), ms);
    const met = new Set<string>();
    for (let at: number | undefined = node.id; at !== undefined; at = parents.get(at)) {
      const above = byId.get(at);
      if (above) met.add(nameOf(above));
    }
    for (const name of met) add(withCalled, name, ms);
  }
  const table = (title: string, times: ReadonlyMap<string, number>) => {
    const rows = [...times].toSorted(([, a], [, b]) => b - a).slice(0, listed);
    console.log(`\n${title}: ms a recovery, share`);
    for (const [name, ms] of rows)
      console.log(
        `${(ms / recoveries).toFixed(3).padStart(8)} ${((100 * ms) / allMs).toFixed(1).padStart(5)} %  ${name}`,
      );
  };
  console.log(`${(allMs / recoveries).toFixed(2)} ms a recovery`);
  table('By part', parts);
  table('By function', functions);
  table('By function with what it called', withCalled);
}

const add = (times: Map<string, number>, name: string, ms: number) => times.set(name, (times.get(name) ?? 0) + ms);

/** A folder of ours, a package, or a module of Node; what V8 does by itself is named in brackets. */
function partOf({ callFrame: { url, functionName } }: Profiler.ProfileNode): string {
  if (url.startsWith('node:')) return url;
  if (url === '') return functionName.startsWith('(') ? functionName : 'native';
  const path = relative(root, url.replace('file://', ''));
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  return inPackage ?? path.split('/').slice(0, -1).join('/');
}

function nameOf({ callFrame: { url, functionName, lineNumber } }: Profiler.ProfileNode): string {
  const place = url === '' ? '' : ` ${relative(root, url.replace('file://', ''))}:${lineNumber + 1}`;
  return `${functionName === '' ? '(anonymous)' : functionName}${url.startsWith('node:') ? ` ${url}` : place}`;
}
