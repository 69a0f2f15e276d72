// Which keys a database is used with. What only the right ones make stands in it, so that a deployment with others, or a copy
// of the database beside other keys, is refused before it writes what nobody can verify.
import { Problem } from '../base/problem.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from './database.ts';
import { waitForOtherStarts } from './migrate.ts';

/** Refuses keys that are not those of this database, and notes the ones that are new to it. */
export async function admitKeys(db: Database, keys: Keys): Promise<void> {
  if ((await newChecks(db.read, keys)).length === 0) return;
  await db.write(async (tx) => {
    // Two first starts with different keys: the second is to see what the first has noted.
    await waitForOtherStarts(tx, db.engine);
    const checks = await newChecks(tx, keys);
    if (checks.length > 0) await tx.insertInto('key_checks').values(checks).execute();
  });
}

/** Throws the problem `database-unusable` where these are other keys than those that the database was used with. */
export async function refuseOtherKeys(db: Database, keys: Keys): Promise<void> {
  await newChecks(db.read, keys);
}

async function newChecks(db: Transaction, keys: Keys) {
  const known = new Map(
    (await db.selectFrom('key_checks').selectAll().execute()).map((row) => [row.key_id, row.check_hash]),
  );
  const checks = keys
    .hashes('key-check')
    .map((hash) => ({ key_id: hash.slice(0, hash.indexOf('.')), check_hash: hash }));
  const other = checks.find(({ key_id, check_hash }) => known.has(key_id) && known.get(key_id) !== check_hash);
  if (other)
    throw new Problem(
      'database-unusable',
      `The key ${other.key_id} is not the one that this database was used with under that name: give every process on it the same keys, or name another database.`,
    );
  const fresh = checks.filter(({ key_id }) => !known.has(key_id));
  if (known.size > 0 && fresh.length === checks.length)
    throw new Problem(
      'database-unusable',
      `This database was used with the ${known.size > 1 ? 'keys' : 'key'} ${[...known.keys()].toSorted().join(', ')}, and none of that is in the setting keys: put it there, after the first, or name another database.`,
    );
  return fresh;
}
