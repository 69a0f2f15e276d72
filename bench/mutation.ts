// How many faults the tests would see: Stryker changes one thing of the source after another, and each change has to turn a
// test red. Goal: 85 % of what it changes in recovery/, limits/, human-check/ and accounts/identifiers.ts. Every change that
// no test sees is listed. Takes hours; `npm run bench -- mutation identifiers` takes one part, and a path one file of a part.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, matchesGlob } from 'node:path';
import { fileURLToPath } from 'node:url';

const goal = 0.85;
const root = fileURLToPath(new URL('..', import.meta.url));
const own = join(root, 'bench/mutation');
const stryker = join(own, 'node_modules/.bin/stryker');

interface Part {
  /** Globs of the files that are changed, and of the tests that are asked. */
  readonly mutated: string;
  readonly tests: string;
  /**
   * Which tests run into a change is not looked at, and each is asked of modules that load anew: a statement is compiled once,
   * so only the first test that uses it runs into what compiles it.
   */
  readonly compiles?: 'statements';
}

const journeys = (names: string): string => `test/journeys/{${names}}.test.ts`;

const steps = 'api-walk,code,reset,odd-accounts,mail-trouble';

const parts: Readonly<Record<string, Part>> = {
  identifiers: { mutated: 'src/accounts/identifiers.ts', tests: 'src/accounts/identifiers.test.ts' },
  limits: { mutated: 'src/limits/!(counter|valkey|*.test).ts', tests: 'src/limits/*.test.ts' },
  counter: {
    mutated: 'src/limits/counter.ts',
    tests: 'test/contracts/counter.test.ts',
    compiles: 'statements',
  },
  valkey: {
    mutated: 'src/limits/valkey.ts',
    tests: 'test/contracts/counter.test.ts test/races/valkey.test.ts',
  },
  'human-check': { mutated: 'src/human-check/*.ts', tests: 'src/human-check/*.test.ts' },
  'recovery-rules': {
    mutated: 'src/recovery/{flow,policy,chance,choices,standing}.ts',
    tests: 'src/recovery/*.test.ts',
  },
  'recovery-links': {
    mutated: 'src/recovery/mail-links.ts',
    tests: journeys('links,not-me'),
  },
  'recovery-walk': {
    mutated: 'src/recovery/{recovery,moves}.ts',
    tests: `src/recovery/elsewhere.test.ts ${journeys(`${steps},limits,human-check-provider,newcomers,addresses,releases`)}`,
  },
  'recovery-elsewhere': {
    mutated: 'src/recovery/{released,through-address}.ts',
    tests: 'src/recovery/elsewhere.test.ts',
  },
  'recovery-ends': { mutated: 'src/recovery/end-recoveries.ts', tests: journeys('reset') },
  'recovery-scores': { mutated: 'src/recovery/check-scores.ts', tests: journeys('human-check') },
  'recovery-mail': { mutated: 'src/recovery/recovery-mail.ts', tests: 'src/recovery/recovery-mail.test.ts' },
  'recovery-rows': {
    mutated: 'src/recovery/recovery-rows.ts',
    tests: 'src/recovery/recovery-rows.test.ts',
    compiles: 'statements',
  },
};

interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number } };
}

/** What it was for each file, as the report of Stryker has it. */
type Report = Readonly<Record<string, { readonly mutants: readonly Mutant[] }>>;

const isReport = (value: unknown): value is { readonly files: Report } =>
  typeof value === 'object' && value !== null && 'files' in value;

function measure({ mutated, tests, compiles }: Part): Report {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-mutants-'));
  const report = join(folder, 'report.json');
  try {
    spawnSync(stryker, ['run', join(own, 'stryker.config.mjs')], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        MUTATED: mutated,
        MUTATION_TESTS: tests,
        MUTATION_COVERAGE: compiles ? 'off' : 'perTest',
        MUTATION_REPORT: report,
      },
    });
    const read: unknown = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
    if (!isReport(read)) throw new Error('Stryker ended without a report: what kept it from one stands above.');
    return read.files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A change that ran into its time ended in a loop: a test saw that too. */
const isKilled = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
/** Of the others nobody can say that a test should have seen them: they do not run at all. */
const isCounted = (mutant: Mutant): boolean =>
  isKilled(mutant) || mutant.status === 'Survived' || mutant.status === 'NoCoverage';

// The runner of vitest that it wants as a peer is our own.
if (!existsSync(stryker))
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--legacy-peer-deps'], { cwd: own, stdio: 'inherit' });

/** A part by its name, or one file of it: the test beside that one is asked alone, as it has to tell what the file promises. */
function partOf(name: string): Part | undefined {
  if (Object.hasOwn(parts, name)) return parts[name];
  const part = Object.values(parts).find(({ mutated }) => matchesGlob(name, mutated));
  const beside = name.replace(/\.ts$/, '.test.ts');
  return part && { ...part, mutated: name, tests: existsSync(join(root, beside)) ? beside : part.tests };
}

const names = process.argv.slice(2);
const unknown = names.find((name) => partOf(name) === undefined);
if (unknown !== undefined) {
  console.error(`There is no part or file ${unknown}. Parts: ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}

const lines: string[] = [];
const chosen = names.length === 0 ? Object.values(parts) : names.flatMap((name) => partOf(name) ?? []);
for (const part of chosen) {
  const files = measure(part);
  for (const [file, { mutants }] of Object.entries(files)) {
    const counted = mutants.filter(isCounted);
    const survivors = counted.filter((mutant) => !isKilled(mutant));
    for (const { mutatorName, replacement, location } of survivors)
      console.log(`${file}:${location.start.line} ${mutatorName}: ${(replacement ?? '').replaceAll(/\s+/g, ' ')}`);
    const share = counted.length === 0 ? 1 : 1 - survivors.length / counted.length;
    if (share < goal) process.exitCode = 1;
    lines.push(
      `| ${file} | ${counted.length} | ${survivors.length} | ${(share * 100).toFixed(1)} %${share < goal ? ' (below the goal)' : ''} |`,
    );
  }
}
console.log(['| file | changes | unseen | seen |', '| --- | ---: | ---: | ---: |', ...lines].join('\n'));
