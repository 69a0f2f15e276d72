// Completion in the real shells: each is asked what follows on some lines. A shell that is not installed is not asked.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rekey } from './command-line.ts';

const run = promisify(execFile);
const isInstalled = (shell: string) => spawnSync(shell, ['--version']).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The line, its last word unfinished; some of what completes it, and what does not. */
const lines: [string[], string[], string[]][] = [
  [
    ['rekey', ''],
    ['demo', 'serve', 'accounts', 'audit', 'keys', '--help'],
    ['verify', '--port'],
  ],
  [['rekey', 'a'], ['accounts', 'audit'], ['demo']],
  [['rekey', 'audit', ''], ['verify', 'export'], ['serve']],
  [['rekey', 'accounts', 'import', '--d'], ['--dry-run', '--data'], ['--json']],
  [['rekey', 'serve', '--port', '80', '--'], ['--host', '--config'], ['--letters']],
  [['rekey', 'demo', '--locale', ''], ['en', 'es'], ['--port']],
  [['rekey', 'completion', ''], ['bash', 'zsh', 'fish'], ['demo']],
];

/** What the shell offers, by a script that asks its completion function. */
const asking: Record<string, (script: string, words: readonly string[]) => { args: string[]; text: string }> = {
  bash: (script, words) => ({
    args: ['--norc'],
    text: `source ${script}; COMP_WORDS=(${quoted(words)}); COMP_CWORD=${words.length - 1}; _rekey; printf '%s\\n' "\${COMPREPLY[@]}"`,
  }),
  // zsh's own helpers work only while a line is edited: these print what they are given.
  zsh: (script, words) => ({
    args: ['-f'],
    text: `_describe() { print -l -- \${\${(P)2}%%:*}; }; compadd() { shift; print -l -- $@; }; _files() { print files; }; compdef() { : }
source ${script}; words=(${quoted(words)}); CURRENT=${words.length}; _rekey`,
  }),
  fish: (script, words) => ({ args: ['--no-config'], text: `source ${script}; complete -C '${words.join(' ')}'` }),
};

const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(' ');

describe.each(['bash', 'zsh', 'fish'].filter(isInstalled))('in %s', (shell) => {
  it('commands, options and choices are completed', async () => {
    const script = join(folder, shell);
    await writeFile(script, (await rekey('completion', shell)).stdout);
    for (const [words, offered, others] of lines) {
      const asked = asking[shell]?.(script, words);
      const file = join(folder, `${shell}-asks`);
      await writeFile(file, asked?.text ?? '');
      const { stdout } = await run(shell, [...(asked?.args ?? []), file], { env: { ...process.env, HOME: folder } });
      // zsh and fish choose by what was typed themselves.
      const all = stdout.split('\n').map((line) => line.split('\t')[0] ?? '');
      const found = all.filter((word) => word.startsWith(words.at(-1) ?? ''));
      // fish offers options only after a dash.
      const expected = offered.filter((word) => shell !== 'fish' || !word.startsWith('--') || words.at(-1) !== '');
      expect({ words, found }).toEqual({ words, found: expect.arrayContaining(expected) });
      expect({ words, found: found.filter((word) => others.includes(word)) }).toEqual({ words, found: [] });
    }
  });
});

it('a shell that there is no completion for is wrong use, with those that there are', async () => {
  const { code, stderr } = await rekey('completion', 'powershell');
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
