import { expect, it } from 'vitest';
import type { DirectoryAccount, FoundAccounts, OtherAccount } from '../accounts/directory.ts';
import type { Identifier } from '../accounts/identifiers.ts';
import { choicesAmong } from './choices.ts';
import { begunRecovery } from './recovery-rows.ts';

const recovery = begunRecovery({
  id: 'id',
  site: 'shop',
  handle_hash: 'hash',
  identifier_sealed: 'sealed',
  mailbox_hash: 'mailbox',
  address_id: 'at-home',
  account_id: null,
  locale: 'en',
  return_to: null,
  created_at: 1,
  expires_at: 2,
});

const addressOf = (id: string) => ({
  id,
  accountId: '',
  address: `${id}@mail.example`,
  key: id,
  confirmedAt: 1,
  noticesOnlySince: null,
});
const account = (id: string, addressId: string): DirectoryAccount => ({
  id,
  userId: id,
  locale: 'en',
  address: addressOf(addressId),
});
const other = (userId: string, provider: string | null): OtherAccount => ({
  userId,
  address: addressOf('at-home'),
  provider,
});
const found: FoundAccounts = {
  accounts: [account('one', 'at-home'), account('two', 'at-work')],
  others: [other('closed', null), other('by-provider', 'elsewhere')],
  isKnown: true,
};
const byEmail: Identifier = { kind: 'email', typed: 'at-home@mail.example', key: 'at-home@mail.example' };
const byUserId: Identifier = { kind: 'user-id', typed: 'one', key: 'one' };
const idsOf = (...given: Parameters<typeof choicesAmong>) => choicesAmong(...given).accounts.map(({ id }) => id);

it('a code by email opens every account that has the address, and one by user ID only through the address it went to', () => {
  expect(idsOf(recovery, byEmail, found)).toEqual(['one', 'two']);
  expect(idsOf(recovery, byUserId, found)).toEqual(['one']);
  expect(idsOf({ ...recovery, address_id: 'given-up' }, byUserId, found)).toEqual([]);
});

it('a code opens no other account once one is chosen, and none at all in a decoy', () => {
  expect(idsOf({ ...recovery, account_id: 'two' }, byEmail, found)).toEqual(['two']);
  expect(idsOf({ ...recovery, account_id: 'two' }, byUserId, found)).toEqual([]);
  expect(idsOf({ ...recovery, address_id: null }, byEmail, found)).toEqual([]);
});

it('accounts that a provider opens are named beside those that the code opens, closed ones never, and nothing to a decoy', () => {
  expect(choicesAmong(recovery, byEmail, found).provided).toEqual([found.others[1]]);
  expect(choicesAmong(recovery, byEmail, { ...found, accounts: [] }).provided).toEqual([]);
  expect(choicesAmong({ ...recovery, address_id: null }, byEmail, found).provided).toEqual([]);
});
