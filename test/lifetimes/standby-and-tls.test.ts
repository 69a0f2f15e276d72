// PostgreSQL as it is run by others: over TLS, with a certificate that holds or does not, and as a hot standby, which a node that is
// pointed at it must not begin with.
import { execFile } from 'node:child_process';
import { chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock as clock } from '../../src/base/clock.ts';
import { createKeys } from '../../src/base/secret.ts';
import { openPostgres } from '../../src/database/postgres.ts';
import { prepareTables, readyDatabase } from '../../src/database/ready.ts';
import { makeTestFolder } from '../../src/testing/folder.ts';
import { type OwnPostgres, startOwnPostgres } from '../postgres.ts';

const keys = createKeys([{ id: 'k1', secret: Buffer.alloc(32, 'k') }]);
const unusable = (words: RegExp) => ({ problem: 'database-unusable', detail: expect.stringMatching(words) });

let server: OwnPostgres;
beforeAll(async () => {
  server = await startOwnPostgres({
    flags: ['--fsync=off', '--wal_level=replica'],
    makeFolder: () => makeTestFolder(1_024 ** 3),
  });
});
afterAll(() => server.stop());

/** Opens it, works with it, and lets it go. */
async function start(change: Readonly<Record<string, string>> = {}, hostname = '127.0.0.1'): Promise<void> {
  const url = new URL(server.url);
  url.hostname = hostname;
  for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
  const db = await openPostgres({ url: url.href });
  try {
    await readyDatabase(db, { clock, keys });
  } finally {
    await db.close();
  }
}

it('is let in over TLS where the certificate holds, and says what to do where it does not', async () => {
  const certificate = join(server.dataFolder, 'server.crt');
  const key = join(server.dataFolder, 'server.key');
  const asked = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=db.shop.example';
  await promisify(execFile)('openssl', [
    'req',
    ...asked.split(' '),
    '-addext',
    'subjectAltName=IP:127.0.0.1',
    '-out',
    certificate,
    '-keyout',
    key,
  ]);
  const { uid, gid } = await stat(server.dataFolder);
  await Promise.all([certificate, key].map((file) => chown(file, uid, gid)));
  const access = join(server.dataFolder, 'pg_hba.conf');
  await writeFile(access, (await readFile(access, 'utf8')).replaceAll(/^host\b/gm, 'hostssl'));
  const db = await openPostgres({ url: server.url });
  await sql`ALTER SYSTEM SET ssl = on`.execute(db.read);
  await sql`SELECT pg_reload_conf()`.execute(db.read);
  await db.close();

  await expect.poll(() => start().catch((fault: unknown) => fault)).toMatchObject(unusable(/wants TLS: add \?sslmode/));
  const untrusted = unusable(
    /^The certificate of PostgreSQL at 127\.0\.0\.1.* cannot be trusted .*: name its authority/,
  );
  await expect(start({ sslmode: 'verify-full' })).rejects.toMatchObject(untrusted);
  const trusted = { sslmode: 'verify-full', sslrootcert: certificate };
  await expect(start(trusted, 'localhost')).rejects.toMatchObject(
    unusable(/^The certificate of PostgreSQL at localhost.* cannot be trusted .*the host as the certificate does/),
  );
  await start(trusted);
});

it('a hot standby is refused before anything is tried', async () => {
  await server.standBy();
  const trusted = { sslmode: 'verify-full', sslrootcert: join(server.dataFolder, 'server.crt') };
  const only = unusable(/can only be read here: name the primary/);
  await expect(start(trusted)).rejects.toMatchObject(only);
  const url = new URL(server.url);
  for (const [name, value] of Object.entries(trusted)) url.searchParams.set(name, value);
  const db = await openPostgres({ url: url.href });
  await expect(prepareTables(db, { clock })).rejects.toMatchObject(only);
  await db.close();
});
