// What processes have taken of the CPU by the kind of thread, to the nanosecond: /proc/PID/stat counts in hundredths of a second.
import { readdir, readFile } from 'node:fs/promises';

const threads = ['main', 'hashes', 'compiler'] as const;
export type Thread = (typeof threads)[number];

/** ms. `compiler`: V8's own threads, which collect garbage too. */
export type ByThread = Readonly<Record<Thread, number>>;

/** Of all of them until now. */
export async function threadsOf(processes: readonly { readonly pid: number | undefined }[]): Promise<ByThread> {
  const taken = { main: 0, hashes: 0, compiler: 0 };
  for (const { pid = 0 } of processes) {
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const [name, times] = await Promise.all(
        ['comm', 'schedstat'].map((file) => readFile(`/proc/${pid}/task/${thread}/${file}`, 'utf8')),
      );
      const kind = thread === String(pid) ? 'main' : name?.startsWith('libuv') ? 'hashes' : 'compiler';
      taken[kind] += Number(times?.split(' ')[0]) / 1e6;
    }
  }
  return taken;
}
