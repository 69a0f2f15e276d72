// What is told of an address that came to an account or went from it: the record, and a notice to the other addresses and
// to the one that goes, in the transaction of the change.
import type { Account, AccountDirectory, DirectoryAddress } from '../accounts/directory.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Entry, Outbox } from '../mail/outbox.ts';
import { noticeLifeMs } from './policy.ts';

/** `dropped`: it was new, and went when somebody came in through an older one; `undone`: when somebody said "This was not me". */
const addressChanges = ['added', 'removed', 'dropped', 'undone'] as const;
export type AddressChange = (typeof addressChanges)[number];

export interface AddressNotices {
  tell(
    tx: Transaction,
    changed: {
      readonly what: AddressChange;
      /** Whose: the notice is in its language, whoever's page made the change. */
      readonly account: Pick<Account, 'id' | 'locale'>;
      readonly address: { readonly id: string; readonly address: string };
      readonly told: readonly DirectoryAddress[];
      readonly source: string;
    },
  ): Promise<void>;
  /** The notice when the worker takes it up; also to the address that is no more. */
  prepare(
    entry: Pick<Entry, 'subjectId' | 'addressId'>,
  ): Promise<{ to: string; userId: string; what: AddressChange; address: string; changedAt: number } | undefined>;
}

export interface AddressNoticesNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly directory: AccountDirectory;
  readonly site: string;
}

export function createAddressNotices({
  db,
  keys,
  clock,
  random,
  audit,
  outbox,
  directory,
  site,
}: AddressNoticesNeeds): AddressNotices {
  return {
    async tell(tx, { what, account, address, told, source }) {
      const now = clock.now();
      const id = randomToken(random);
      await tx
        .insertInto('address_changes')
        .values({
          id,
          site,
          account_id: account.id,
          address_id: address.id,
          what,
          address_sealed: keys.seal(address.address),
          changed_at: now,
        })
        .execute();
      await audit.append(tx, {
        event: what === 'added' ? 'address.added' : 'address.removed',
        subjectId: id,
        accountId: account.id,
        source,
        ...((what === 'dropped' || what === 'undone') && { facts: { reason: 'newcomer' } }),
      });
      for (const { id: addressId } of told) {
        await outbox.enqueue(tx, {
          kind: 'addresses-changed',
          subjectId: id,
          addressId,
          locale: storedLocale(account.locale),
          expiresAt: now + noticeLifeMs,
        });
      }
    },

    async prepare({ subjectId, addressId }) {
      const row = await db.read
        .selectFrom('address_changes')
        .selectAll()
        .where('id', '=', subjectId)
        .executeTakeFirst();
      const what = addressChanges.find((known) => known === row?.what);
      const address = row && keys.open(row.address_sealed);
      const account = row && (await directory.find(row.account_id));
      if (!row || what === undefined || address === undefined || !account) return undefined;
      const isTheOneGone = what !== 'added' && addressId === row.address_id;
      const to = isTheOneGone ? address : (await directory.findAddress(addressId ?? ''))?.address;
      return to === undefined ? undefined : { to, userId: account.userId, what, address, changedAt: row.changed_at };
    },
  };
}
