// The commands of `rekey`. Exit codes: 0 done or stopped, 1 a fault of ours, 2 wrong use, 3 something around us cannot be
// used (folder, database, port, settings: one sentence says which), 4 the audit trail was changed, 5 an attack got through.
import { registerHooks } from 'node:module';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageFile from '../../package.json' with { type: 'json' };
import { Problem } from '../base/problem.ts';
import { SettingsFault } from '../config/read-settings.ts';
import { completionScript, type Shell, shells } from './completion.ts';
import type { AgentRole } from '../agents/agents.ts';
import type { AddOptions } from './accounts-add.ts';
import type { AttackOptions } from './attack.ts';
import type { ImportOptions } from './accounts-import.ts';
import type { AgentAddOptions, AgentOptions } from './agents.ts';
import type { CopyOptions } from './copy.ts';
import type { DemoOptions } from './demo.ts';
import type { EraseOptions } from './erase.ts';
import type { RotateOptions } from './keys.ts';
import type { PolicyOptions } from './policy.ts';
import type { ServeOptions } from './serve.ts';
import type { SiteOptions } from './site.ts';

/** Runs one command line and answers its exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  let exitCode = 0;

  const program = new Command('rekey')
    .description('Account recovery that a site runs itself.')
    .version(packageFile.version)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride();

  program
    .command('demo')
    .description('run a shop with account recovery, a mail server and its mailbox on this machine')
    .option('--port <number>', 'port of the shop; when it is taken, the next one that is free', readPort, 4_400)
    .option('--host <address>', 'where to listen; 0.0.0.0 opens it to phones in the same network', '127.0.0.1')
    .option('--data <folder>', 'where accounts, keys and mails are kept', readFolder, 'data/demo')
    .option('--reset', 'start afresh: removes the database, keys and mails of that folder', false)
    .addOption(
      new Option('--locale <language>', 'language of the shop where the browser asks for no other')
        .choices(['en', 'es'])
        .default('en'),
    )
    .option('--letters', 'ask for letters after every slide', false)
    .addHelpText('after', example('rekey demo --host 0.0.0.0 --locale es'))
    .action(async ({ reset, letters, ...options }: Omit<DemoOptions, 'isReset' | 'hasLetters'> & DemoSwitches) => {
      // The examples import this package by its name: to them that is src/, run unbuilt.
      registerHooks({
        resolve: (specifier, context, nextResolve) =>
          nextResolve(specifier, { ...context, conditions: [...context.conditions, 'rekey-source'] }),
      });
      const { runDemo } = await import('./demo.ts').catch(explainMissingDemo);
      await runDemo({ ...options, isReset: reset, hasLetters: letters });
    });

  program
    .command('serve')
    .description('run Rekey by itself, for production')
    .addOption(configOption())
    .addOption(new Option('--port <number>', 'port to listen on').env('REKEY_PORT').argParser(readPort).default(4_400))
    .addOption(
      new Option('--host <address>', 'where to listen; 0.0.0.0 for a proxy on another machine')
        .env('REKEY_HOST')
        .default('127.0.0.1'),
    )
    .option('--no-jobs', 'answer requests alone: mail, holds and clean-up are for `rekey worker`')
    .option(
      '--workers <number>',
      'processes on this port, each a node like any other; needs PostgreSQL',
      readWorkers,
      1,
    )
    .option(
      '--drain <seconds>',
      'how long to answer after the signal to stop, while /health/ready says no; 0 to 20',
      readDrain,
      0,
    )
    .addHelpText('after', example('rekey serve --config /etc/rekey.json --port 8080'))
    .action(async (options: ServeOptions) => {
      const { runServe } = await import('./serve.ts');
      exitCode = await runServe(options);
    });

  program
    .command('worker')
    .description('send mail, end holds and clean up for the nodes of one PostgreSQL; any number may run')
    .addOption(configOption())
    .addHelpText('after', example('rekey worker --config /etc/rekey.json'))
    .action(async (options: ConfigOptions) => {
      const { runWorker } = await import('./worker.ts');
      await runWorker(options);
    });

  program
    .command('completion')
    .description('print a script that lets a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(shells))
    .addHelpText('after', example('rekey completion bash > ~/.local/share/bash-completion/completions/rekey'))
    .action((shell: Shell) => {
      process.stdout.write(completionScript(program, shell));
    });

  program
    .command('migrate')
    .description('bring the tables of the database up to date, as every start does')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey migrate --config /etc/rekey.json'))
    .action(async (options: ConfigOptions) => {
      const { runMigrate } = await import('./migrate.ts');
      await runMigrate(options);
    });

  program
    .command('copy')
    .description('copy a site into another, empty database, such as from SQLite to PostgreSQL')
    .requiredOption('--from <address>', 'the database to copy: sqlite:FILE or postgres://...; it is only read')
    .requiredOption('--to <address>', 'an empty database; PGPASSWORD keeps its password out of the command line')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey copy --from sqlite:rekey.db --to postgres://rekey@db.example/rekey'))
    .action(async (options: CopyOptions) => {
      const { runCopy } = await import('./copy.ts');
      await runCopy(options);
    });

  program
    .command('config')
    .description('show what is set, from where, and what is risky')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey config --config /etc/rekey.json'))
    .action(async (options: ConfigOptions) => {
      const { showConfig } = await import('./config.ts');
      await showConfig(options);
    });

  program
    .command('policy')
    .description('tell how likely it is that somebody guesses a mailed code, by the rules and settings in force')
    .option(
      '--networks <number>',
      'networks that the guesses come from (an IPv4 /24 or an IPv6 /56 each)',
      readCount,
      1_000,
    )
    .option('--accounts <number>', 'accounts that are tried', readCount, 10_000)
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey policy --networks 50000 --accounts 1000000'))
    .action(async (options: PolicyOptions) => {
      const { showPolicy } = await import('./policy.ts');
      await showPolicy(options);
    });

  program
    .command('erase')
    .description('delete an account and all that belongs to it, for good')
    .argument('<account>', 'its user ID, or its id')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--yes', 'do not ask', false)
    .addOption(jsonOption())
    .addHelpText('after', example('rekey erase lucia --config /etc/rekey.json'))
    .action(async (account: string, options: EraseOptions) => {
      const { runErase } = await import('./erase.ts');
      if (!(await runErase(account, options))) exitCode = 3;
    });

  const keys = program.command('keys').description('the keys of all hashes and seals');
  keys
    .command('new')
    .description('print a new key, as the setting keys takes it')
    .addOption(idOption())
    .addHelpText('after', example('rekey keys new > /etc/rekey/keys'))
    .action(async (options: { id?: string }) => {
      const { printNewKey } = await import('./keys.ts');
      printNewKey(options);
    });
  keys
    .command('rotate')
    .description('put a new key before those in use, and tell which of these are still needed')
    .addOption(configOption())
    .option('--file <path>', 'the file that holds the keys: it is replaced; else the new list is printed')
    .addOption(idOption())
    .addHelpText('after', example('rekey keys rotate --file /etc/rekey/keys'))
    .action(async (options: RotateOptions) => {
      const { rotateKeys } = await import('./keys.ts');
      await rotateKeys(options);
    });

  const accounts = program.command('accounts').description('the accounts of a site');
  accounts
    .command('add')
    .description('add an account; its password is typed, and never an argument')
    .argument('<user-id>', 'what its owner signs in with')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--email <address...>', 'where its recovery mail goes; it counts as confirmed')
    .addOption(new Option('--locale <language>', 'language of its mails').choices(['en', 'es']))
    .option('--password-stdin', 'read the password from standard input', false)
    .option('--no-password', 'its owner makes a password by recovering it')
    .addOption(jsonOption())
    .addHelpText('after', example('rekey accounts add lucia --email lucia@mail.example --no-password'))
    .action(async (userId: string, options: AddOptions) => {
      const { addAccount } = await import('./accounts-add.ts');
      await addAccount(userId, options);
    });
  accounts
    .command('import')
    .description('add all accounts of a CSV file, or none of them')
    .argument('<file>', 'its columns: user_id, email, email2, email3, locale, state, provider')
    .addOption(configOption())
    .addOption(dataOption())
    .option('--dry-run', 'check the file only', false)
    .addOption(jsonOption())
    .addHelpText('after', example('rekey accounts import accounts.csv --dry-run'))
    .action(async (file: string, options: ImportOptions) => {
      const { importAccounts } = await import('./accounts-import.ts');
      if (!(await importAccounts(file, options))) exitCode = 3;
    });

  accounts
    .command('export')
    .description('print every account as CSV, without passwords')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(new Option('--json', 'print one JSON object a line, with all addresses').default(false))
    .addHelpText('after', example('rekey accounts export > accounts.csv'))
    .action(async (options: SiteOptions & { json: boolean }) => {
      const { exportAccounts } = await import('./accounts-export.ts');
      await exportAccounts(options);
    });

  const agents = program.command('agents').description('who works at the support desk');
  agents
    .command('add')
    .description('add an agent, and print the link by which that person sets password and second factor')
    .argument('<name>', 'what the agent signs in with, and colleagues see')
    .addOption(
      new Option('--role <role>', 'an auditor sees everything and changes nothing').choices(roles).default('agent'),
    )
    .addOption(new Option('--locale <language>', 'language of the agent').choices(['en', 'es']))
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents add elena --role lead --locale es'))
    .action(async (name: string, options: AgentAddOptions) => {
      const { addAgent } = await import('./agents.ts');
      await addAgent(name, options);
    });
  agents
    .command('link')
    .description('print a new enrolment link: for whom the first was too late, or who lost the second factor')
    .argument('<name>', 'who')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents link elena'))
    .action(async (name: string, options: AgentOptions) => {
      const { renewLink } = await import('./agents.ts');
      await renewLink(name, options);
    });
  agents
    .command('list')
    .description('list who works at the support desk')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents list --json'))
    .action(async (options: AgentOptions) => {
      const { listAgents } = await import('./agents.ts');
      await listAgents(options);
    });
  agents
    .command('role')
    .description('give an agent another role, from the next request on')
    .argument('<name>', 'who')
    .addArgument(new Argument('<role>', 'an auditor sees everything and changes nothing').choices(roles))
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents role elena auditor'))
    .action(async (name: string, role: AgentRole, options: AgentOptions) => {
      const { setRole } = await import('./agents.ts');
      await setRole(name, role, options);
    });
  agents
    .command('away')
    .description('say that an agent is away: no case is given to that agent until then')
    .argument('<name>', 'who')
    .argument('<day>', 'the day of coming back, such as 2027-01-31, or: back')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents away elena 2027-01-31'))
    .action(async (name: string, day: string, options: AgentOptions) => {
      const { setAway } = await import('./agents.ts');
      await setAway(name, day, options);
    });
  agents
    .command('remove')
    .description('remove an agent, who is signed out by that')
    .argument('<name>', 'who')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey agents remove elena'))
    .action(async (name: string, options: AgentOptions) => {
      const { removeAgent } = await import('./agents.ts');
      await removeAgent(name, options);
    });

  const attack = program.command('attack').description('try what attackers try, on what is yours');
  attack
    .command('run', { isDefault: true })
    .description('attack this machine, or a deployment that agrees to it, as far as that goes from outside')
    .argument('[names...]', 'which attacks, by name or number; all where none is named')
    .option('--url <address>', 'where, with the base path', 'http://127.0.0.1:4400')
    .option('--consent <token>', 'what "rekey attack consent" printed there; not needed for this machine')
    .option('--known <identifier>', 'of an account there, for what compares it with none; it gets mail')
    .option('--unknown <identifier>', 'of no account there, as long as the other')
    .addOption(jsonOption())
    .addHelpText('after', example('rekey attack enumeration --url http://127.0.0.1:4400 --known lucia'))
    .action(async (names: string[], options: AttackOptions) => {
      const { runAttack } = await import('./attack.ts');
      if (!(await runAttack(names, options))) exitCode = 5;
    });
  attack
    .command('consent')
    .description('print a consent to be attacked, which lives for a day')
    .addOption(configOption())
    .addHelpText('after', example('rekey attack consent --config /etc/rekey.json'))
    .action(async (options: { config?: string }) => {
      const { printConsent } = await import('./attack.ts');
      await printConsent(options);
    });

  const audit = program.command('audit').description('the audit trail');
  audit
    .command('verify')
    .description('prove that no event was changed, removed or put in')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey audit verify --config /etc/rekey.json'))
    .action(async (options: SiteOptions & { json: boolean }) => {
      const { verifyAudit } = await import('./audit.ts');
      if (!(await verifyAudit(options))) exitCode = 4;
    });
  audit
    .command('export')
    .description('print every event, one JSON object a line')
    .addOption(configOption())
    .addOption(dataOption())
    .addHelpText('after', example('rekey audit export --data data/demo > events.jsonl'))
    .action(async (options: SiteOptions) => {
      const { exportAudit } = await import('./audit.ts');
      await exportAudit(options);
    });

  const humanCheck = program.command('human-check').description('the human check of a site');
  humanCheck
    .command('scores')
    .description('print the points of slides, and how many went on to prove the code')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', example('rekey human-check scores --config /etc/rekey.json'))
    .action(async (options: SiteOptions & { json: boolean }) => {
      const { printScores } = await import('./check-scores.ts');
      await printScores(options);
    });

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (fault) {
    // Commander has said it already.
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? 0 : 2;
    if (fault instanceof Problem || fault instanceof SettingsFault) {
      console.error(fault instanceof Problem ? fault.detail : fault.message);
      return 3;
    }
    console.error(fault);
    return 1;
  }
}

/** Its shop, mail server and mailbox come with the source, not with the package on a registry. */
function explainMissingDemo(fault: unknown): never {
  if (!(fault instanceof Error && 'code' in fault && fault.code === 'ERR_MODULE_NOT_FOUND')) throw fault;
  throw new Problem('demo-missing', 'This package has no demo: get the source of Rekey, and run npm start in it.');
}

interface DemoSwitches {
  readonly reset: boolean;
  readonly letters: boolean;
}

interface ConfigOptions {
  readonly config?: string;
  readonly json: boolean;
}

const roles = ['agent', 'lead', 'auditor'] as const satisfies readonly AgentRole[];

const configOption = () =>
  new Option('--config <file>', 'the settings file, in JSON (or REKEY_CONFIG); environment variables count before it');
const dataOption = () =>
  new Option('--data <folder>', 'a data folder of the demo, instead of settings')
    .argParser(readFolder)
    .conflicts('config');
const idOption = () => new Option('--id <name>', 'name of the new key; that of today where none is given');
const jsonOption = () => new Option('--json', 'print JSON, for scripts').default(false);

const example = (line: string): string => `\nExample:\n  ${line}`;

/** A variable that a shell script never set would name the folder that one happens to be in. */
function readFolder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('A folder, such as data/demo.');
  return text;
}

function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,12}$/.test(text) || count === 0) throw new InvalidArgumentError('A whole number from 1 on.');
  return count;
}

function readWorkers(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 64) throw new InvalidArgumentError('A whole number from 1 to 64.');
  return count;
}

function readDrain(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > 20) throw new InvalidArgumentError('A whole number of seconds from 0 to 20.');
  return seconds;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}
