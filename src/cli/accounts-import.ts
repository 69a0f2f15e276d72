// `rekey accounts import FILE`: all accounts of a CSV file or none. The whole file is checked first, and every fault told
// by the number of its line.
import { createAccountImport, type ImportedAccount } from '../accounts/import.ts';
import { Problem } from '../base/problem.ts';
import { type LineFault, openAccountsFile } from './accounts-file.ts';
import { startProgress } from './progress.ts';
import { type SiteOptions, withSite } from './site.ts';
import { stopBySignal } from './stop-by-signal.ts';

export interface ImportOptions extends SiteOptions {
  /** Check only. */
  readonly dryRun: boolean;
  readonly json: boolean;
}

const faultsTold = 20;
const stagedAtOnce = 1_000;

/** Whether the file was in order. */
export function importAccounts(path: string, { dryRun, json, ...options }: ImportOptions): Promise<boolean> {
  return withSite(
    options,
    async ({ settings, ...parts }) => {
      const startedAt = performance.now();
      const file = await openAccountsFile(path, settings.languages);
      const accounts = createAccountImport(parts);
      const progress = await startProgress(`Checking ${path}`);
      const stop = stopBySignal(
        (signal) => new Problem('accounts-file', `Stopped by ${signal}. Nothing was imported.`),
      );
      const faults: LineFault[] = [];
      let faultCount = 0;
      let rows = 0;
      let withoutAddress = 0;
      let readBytes = 0;
      try {
        let batch: ImportedAccount[] = [];
        for await (const row of file.rows((count) => (readBytes += count))) {
          stop.check();
          rows += 1;
          if ('fault' in row) {
            faultCount += 1;
            if (faults.length < faultsTold) faults.push(row.fault);
          } else {
            batch.push(row.account);
            if (row.account.addresses.length === 0) withoutAddress += 1;
          }
          if (batch.length === stagedAtOnce) {
            await accounts.stage(batch);
            batch = [];
            const share = file.sizeBytes > 0 ? readBytes / file.sizeBytes : undefined;
            progress.show(`${inWords(rows)} rows checked`, share);
          }
        }
        if (rows === 0) throw new Problem('accounts-file', `${path} holds no account.`);
        await accounts.stage(batch);
        const conflicts = await accounts.conflicts(faultsTold);
        faultCount += conflicts.count;
        for (const { line, userId, firstLine } of conflicts.first) {
          const words = `user_id ${JSON.stringify(userId)} ${firstLine === null ? 'is taken by an account' : `stands in line ${firstLine} already`}`;
          faults.push({ line, words });
        }
        stop.check();
        const isFine = faultCount === 0;
        if (isFine && !dryRun) {
          progress.show(`${inWords(rows)} rows are right; making accounts of them`);
          await accounts.finish();
        } else await accounts.drop();
        const seconds = (performance.now() - startedAt) / 1_000;
        const perSecond = Math.round(rows / seconds);
        progress.end(`${inWords(rows)} rows in ${seconds.toFixed(1)} s, ${inWords(perSecond)} a second`);
        const first = faults.toSorted((one, other) => one.line - other.line).slice(0, faultsTold);
        const imported = isFine && !dryRun ? rows : 0;
        tell({ rows, imported, withoutAddress, faultCount, faults: first, seconds, perSecond }, json);
        return isFine;
      } catch (fault) {
        progress.end('Nothing was imported');
        await accounts.drop();
        throw fault;
      } finally {
        stop.end();
      }
    },
    ['languages'],
  );
}

interface ImportReport {
  readonly rows: number;
  readonly imported: number;
  readonly withoutAddress: number;
  readonly faultCount: number;
  /** The first twenty. */
  readonly faults: readonly LineFault[];
  readonly seconds: number;
  readonly perSecond: number;
}

function tell(report: ImportReport, json: boolean): void {
  if (json) return console.log(JSON.stringify(report));
  const { rows, imported, withoutAddress, faultCount, faults } = report;
  if (faultCount > 0) {
    for (const { line, words } of faults) console.error(`Line ${line}: ${words}`);
    if (faultCount > faults.length) console.error(`And ${inWords(faultCount - faults.length)} more.`);
    console.error('Nothing was imported. Mend the file and start again.');
    return undefined;
  }
  console.log(
    imported > 0 ? `${inWords(imported)} accounts imported.` : `${inWords(rows)} accounts could be imported.`,
  );
  if (withoutAddress > 0)
    console.log(`${inWords(withoutAddress)} of them have no email, so nobody can recover them without support.`);
  return undefined;
}

const inWords = (count: number): string => count.toLocaleString('en');
