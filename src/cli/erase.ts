// `rekey erase`: deletes a person for good. It asks first, and where nobody can be asked it wants `--yes`.
import { createInterface } from 'node:readline/promises';
import { Problem } from '../base/problem.ts';
import { createEraser, type Eraser } from '../retention/erasure.ts';
import { type SiteOptions, withSite } from './site.ts';

export interface EraseOptions extends SiteOptions {
  readonly yes: boolean;
  readonly json: boolean;
}

/** `account`: a user ID or an account's id. Answers whether it was erased: the person may have thought better of it. */
export function runErase(account: string, options: EraseOptions): Promise<boolean> {
  return withSite(options, async (site) => {
    const eraser = createEraser(site);
    const found = await findOrRefuse(eraser, account);
    if (!options.yes && !(await confirm(found.userId))) {
      console.error('Nothing was erased.');
      return false;
    }
    const erased = await eraser.erase(found.accountId);
    if (!erased) throw unknown(account);
    if (options.json) console.log(JSON.stringify(erased));
    else {
      const rows = Object.entries(erased.rows).map(([table, count]) => `  ${table}: ${count}`);
      console.log([`Erased ${erased.userId} (${erased.accountId}). Rows:`, ...rows].join('\n'));
    }
    return true;
  });
}

async function findOrRefuse(eraser: Eraser, account: string) {
  const found = await eraser.find(account);
  if (!found) throw unknown(account);
  return found;
}

const unknown = (account: string) =>
  new Problem(
    'account-unknown',
    `There is no account ${account}.${account.includes('@') ? ' Name it by its user ID: several accounts may share an email.' : ''}`,
  );

async function confirm(userId: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new Problem('not-confirmed', 'Nobody can be asked here. With --yes it is erased without a question.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question(
      `This deletes ${userId} and all that belongs to it, for good. Type the user ID to go on: `,
    );
    return typed.trim() === userId;
  } finally {
    terminal.close();
  }
}
