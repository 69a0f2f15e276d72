// The kinds of accounts whose answers must not differ: one of each, all of one length, so that pages have one length too.
import type { Inside, Person } from './target.ts';
import { newPassword, reachCode } from './walk.ts';

/** An identifier of each kind, by what it is. */
export type Classes = Readonly<Record<string, string>>;

export interface AllClasses {
  readonly known: Person;
  readonly emails: Classes;
  readonly userIds: Classes;
}

/** Six mails a day, three an hour: a mailbox that has had its mails. */
const mailsOfAnHour = 3;

export async function addClasses(target: Inside): Promise<AllClasses> {
  const known = await target.addPerson({ userId: 'known-one', address: 'known-one@mail.example' });
  const add = (userId: string, more: Partial<Parameters<Inside['addOdd']>[0]> = {}) =>
    target.addOdd({ userId, addresses: [`${userId}@mail.example`], password: newPassword, ...more });
  await add('disabled1', { state: 'disabled' });
  await add('importing', { password: null });
  await add('providers', { password: null, provider: 'Example' });
  await add('uncertain', { addresses: [], unconfirmedAddresses: ['uncertain@mail.example'] });
  await add('one-of-us');
  await add('another-of-us', { addresses: ['one-of-us@mail.example'] });
  await add('addressed', { addresses: [] });
  await target.addAuthenticator(await target.addPerson({ userId: 'app-owner', address: 'app-owner@mail.example' }));
  const capped = await target.addPerson({ userId: 'mailed-up', address: 'mailed-up@mail.example' });
  for (let times = 0; times < mailsOfAnHour; times += 1) await reachCode(target, target.browser(), capped.userId);
  await target.mails();
  const both = {
    'a disabled account': 'disabled1',
    'an account without a password': 'importing',
    'an account that a provider signs in': 'providers',
    'an account with an unconfirmed address': 'uncertain',
    'an account with a second factor': 'app-owner',
    'an account whose mailbox has had its mails': 'mailed-up',
    'no account': 'nobody-at',
  };
  return {
    known,
    emails: {
      'an address that two accounts share': 'one-of-us@mail.example',
      ...Object.fromEntries(Object.entries(both).map(([who, userId]) => [who, `${userId}@mail.example`])),
    },
    userIds: { 'an account without any address': 'addressed', ...both },
  };
}
