// `rekey accounts export`: every account, a page at a time, without hashes. As CSV it can be imported again; as JSON, one
// object a line, it tells all that is known.
import { Readable } from 'node:stream';
import type { Database } from '../database/database.ts';
import { print } from './print.ts';
import { type SiteOptions, withSite } from './site.ts';

const pageSize = 1_000;
const header = ['user_id', 'email', 'email2', 'email3', 'locale', 'state', 'provider'];

export const exportAccounts = ({ json, ...options }: SiteOptions & { readonly json: boolean }): Promise<void> =>
  withSite(options, ({ db, site }) => print(Readable.from(json ? asJson(db, site) : asCsv(db, site))));

async function* asCsv(db: Database, site: string): AsyncGenerator<string> {
  yield csvLine(header);
  for await (const { userId, addresses, locale, state, provider } of accounts(db, site)) {
    const [first, second, third] = addresses.filter(({ confirmedAt }) => confirmedAt !== null);
    const emails = [first, second, third].map((each) => each?.address ?? '');
    // Of what the support desk closed an import knows nothing: nobody gets in, and that stays so.
    yield csvLine([userId, ...emails, locale, state === 'closed' ? 'disabled' : state, provider ?? '']);
  }
}

async function* asJson(db: Database, site: string): AsyncGenerator<string> {
  for await (const account of accounts(db, site)) yield `${JSON.stringify(account)}\n`;
}

const csvLine = (fields: readonly string[]): string =>
  `${fields.map((field) => (/[",;\t\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\r\n`;

/** In no order that means anything; what is made meanwhile may be in it or not. */
async function* accounts(db: Database, site: string) {
  for (let after = ''; ; ) {
    const page = await db.read
      .selectFrom('accounts')
      .select(['id', 'user_id as userId', 'locale', 'state', 'provider', 'created_at as createdAt'])
      .select((row) => row.case().when('password_hash', 'is', null).then(0).else(1).end().as('hasPassword'))
      .where('site', '=', site)
      .where('id', '>', after)
      .orderBy('id')
      .limit(pageSize)
      .execute();
    const ids = page.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) return;
    const rows = await db.read
      .selectFrom('addresses')
      .select(['account_id', 'address', 'confirmed_at as confirmedAt'])
      .where('account_id', 'in', ids)
      .orderBy('confirmed_at')
      .orderBy('id')
      .execute();
    const byAccount = Map.groupBy(rows, ({ account_id }) => account_id);
    for (const { id, hasPassword, ...account } of page) {
      const addresses = byAccount.get(id)?.map(({ address, confirmedAt }) => ({ address, confirmedAt })) ?? [];
      yield { id, ...account, hasPassword: hasPassword === 1, addresses };
    }
    after = last;
  }
}
