// Signing up (D12): a pending entry bound to the browser that began it, until the code mailed to the address is typed
// there. Under the link of that mail the code counts in any browser, which then has the entry to itself and chooses the
// password anew: whoever began it may be somebody else. An entry blocks no user ID and no address, so a user ID is found
// taken only by someone who proved an address.
import type { AccountDirectory } from '../accounts/directory.ts';
import { addressKey, readAddress, readUserId } from '../accounts/identifiers.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { type Clock, dayMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { HumanCheck } from '../human-check/check.ts';
import { type Locale, storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Entry, Outbox } from '../mail/outbox.ts';
import { deriveLinkToken, linkHash, linkHashes } from '../proofs/email-code.ts';
import type { TypedAddressCodes } from '../proofs/typed-address.ts';
import type { Refusal } from '../refusals.ts';
import type { ShownDevice } from '../sessions/devices.ts';
import type { Enter, Entered } from './entrance.ts';
import {
  findSignUp,
  findSignUpOfLink,
  giveCode,
  insertSignUp,
  moveSignUp,
  type SignUpRow,
  takeSignUpTry,
} from './sign-up-rows.ts';
import { deleteOver } from '../database/batches.ts';

export type { SignUpRow } from './sign-up-rows.ts';

export interface SignUpNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly enter: Enter;
  readonly humanCheck: HumanCheck;
  readonly addressCodes: TypedAddressCodes;
  readonly site: string;
}

export interface SignUpForm {
  readonly userId: string;
  readonly address: string;
  readonly password: string;
  readonly checkHandle: string;
  readonly source: string;
  readonly locale: Locale;
  readonly returnTo: string | null;
}

export type Joined = Outcome<Entered & { returnTo: string | null }, Refusal>;

/** Whose browser the account's first session begins in. */
interface Joining {
  readonly handle: string | undefined;
  readonly device: ShownDevice;
  /** Keyed hash of the network. */
  readonly source: string;
}

export interface SignUp {
  start(form: SignUpForm): Promise<Outcome<{ handle: string }, Refusal>>;
  find(handle: string | undefined): Promise<SignUpRow | undefined>;
  /** The mail once more: the same code while it lives, a new one once it has expired. Tries are not given back. */
  askAgain(request: { handle: string | undefined }): Promise<Outcome<unknown, Refusal>>;
  /** The mailed code; makes the account and signs in. `user-id-taken`: proven, but another user ID must be chosen. */
  enterCode(request: Joining & { typed: string }): Promise<Joined>;
  chooseUserId(request: Joining & { userId: string }): Promise<Joined>;
  /** The sign-up that the link of its mail leads to, as long as the code in that mail can be typed. */
  findByLink(token: string): Promise<SignUpRow | undefined>;
  /** The mailed code under the link: the sign-up goes on in this browser alone, and waits for a password. */
  enterLinkCode(request: {
    token: string;
    typed: string;
    source: string;
  }): Promise<Outcome<{ handle: string; row: SignUpRow }, Refusal>>;
  /** After the link; makes the account and signs in. `user-id-taken`: as after `enterCode`. */
  choosePassword(request: Joining & { password: string; repeated: string }): Promise<Joined>;
  /** Deletes what ended before `before` (UTC epoch ms). */
  forget(before: number): Promise<void>;
  /** What the worker mails, within what a typed address may receive (D8). `undefined`: over, or too many. */
  prepareMail(
    entry: Pick<Entry, 'kind' | 'subjectId' | 'isRetry'>,
  ): Promise<
    { address: string; code: string | undefined; linkToken: string | undefined; expiresAt: number } | undefined
  >;
}

const pendingLifeMs = dayMs;

export function createSignUp(needs: SignUpNeeds): SignUp {
  const {
    db,
    keys,
    clock,
    random,
    audit,
    outbox,
    limits,
    directory,
    passwords,
    enter,
    humanCheck,
    addressCodes,
    site,
  } = needs;

  const find: SignUp['find'] = async (handle) => {
    const row = handle ? await findSignUp(db, keys.hashes('sign-up-handle', handle)) : undefined;
    return row && clock.now() < row.expires_at ? row : undefined;
  };

  const findByLink: SignUp['findByLink'] = async (token) => {
    const row = await findSignUpOfLink(db, linkHashes(keys, token));
    return row?.step === 'code' && clock.now() < row.code_expires_at ? row : undefined;
  };

  const linkTokenOf = ({ id, code_key_id: keyId }: Pick<SignUpRow, 'id' | 'code_key_id'>) =>
    deriveLinkToken(keys, 'sign-up', id, keyId);

  const linkHashOf = (row: Pick<SignUpRow, 'id' | 'code_key_id'>) => linkHash(keys, linkTokenOf(row) ?? '');

  const enqueue = (tx: Transaction, row: SignUpRow, isKnown: boolean) =>
    outbox.enqueue(tx, {
      kind: isKnown ? 'sign-up-existing' : 'sign-up-code',
      subjectId: row.id,
      locale: storedLocale(row.locale),
      expiresAt: row.code_expires_at,
    });

  const isAddressKnown = async (address: string): Promise<boolean> => {
    const read = readAddress(address);
    return read.ok && (await directory.findForRecovery({ kind: 'email', typed: read.address, key: read.key })).isKnown;
  };

  /** Takes a try, and compares; the row as it is then. An address that has an account was mailed no code, so no code is right. */
  async function tryCode(
    tx: Transaction,
    { row, code, isKnown, source }: { row: SignUpRow; code: string; isKnown: boolean; source: string },
  ): Promise<Outcome<{ tried: SignUpRow }, Refusal>> {
    const tried = await takeSignUpTry(tx, row.id);
    if (!tried) return refuse('tries-used');
    if (addressCodes.isRight(tried, code) && !isKnown) return accept({ tried });
    await audit.append(tx, { event: 'sign_up.code_wrong', subjectId: row.id, source });
    return refuse('code-wrong');
  }

  /** The account and its first session, or the proven entry left waiting for a free user ID. */
  async function join(
    tx: Transaction,
    row: SignUpRow,
    userId: string,
    { device, source }: Pick<Joining, 'device' | 'source'>,
  ): Promise<Joined> {
    // First, so that of two user IDs chosen at once only one becomes an account.
    const claimed = await moveSignUp(tx, row, { step: 'user-id' });
    if (!claimed) return refuse('sign-up-missing');
    const created = await directory.create(tx, {
      userId,
      locale: row.locale,
      password: { hash: row.password_hash, keyId: row.password_key_id },
      addresses: [{ address: row.address, key: addressKey(row.address) ?? row.address, isConfirmed: true }],
    });
    if (!created.ok) return created;
    await moveSignUp(tx, claimed, { step: 'done', expires_at: clock.now() });
    await audit.append(tx, { event: 'user_created', subjectId: row.id, accountId: created.accountId, source });
    const session = await enter(tx, { accountId: created.accountId, device, source });
    return accept({ ...session, returnTo: row.return_to });
  }

  return {
    find,
    findByLink,

    start: passwords.bounded(async ({ userId, address, password, checkHandle, source, locale, returnTo }) => {
      const named = readUserId(userId);
      if (!named.ok) return named;
      const addressed = readAddress(address);
      if (!addressed.ok) return addressed;
      const checked = passwords.check(password, { names: [named.userId, addressed.address] });
      if (!checked.ok) return checked;
      const within = await limits.take('sign-up-start', source);
      if (!within.ok) return within;
      const { hash, keyId } = await passwords.hash(checked.normalised);
      const isKnown = await isAddressKnown(addressed.address);
      const now = clock.now();
      const handle = randomToken(random);
      const id = randomToken(random);
      const code = addressCodes.begin();
      const row: SignUpRow = {
        id,
        site,
        handle_hash: keys.hash('sign-up-handle', handle),
        link_hash: linkHashOf({ id, ...code }),
        step: 'code',
        version: 1,
        user_id: named.userId,
        address: addressed.address,
        locale,
        return_to: returnTo,
        password_hash: hash,
        password_key_id: keyId,
        ...code,
        created_at: now,
        expires_at: now + pendingLifeMs,
      };
      const level = await humanCheck.levelNeeded(0);
      return db.write(async (tx) => {
        const passed = await humanCheck.spend(tx, { handle: checkHandle, purpose: 'sign-up' }, level);
        if (!passed.ok) return passed;
        await insertSignUp(tx, row);
        await enqueue(tx, row, isKnown);
        await audit.append(tx, { event: 'sign_up.started', subjectId: row.id, source });
        return accept({ handle });
      });
    }),

    async askAgain({ handle }) {
      const row = await find(handle);
      if (row?.step !== 'code') return refuse('sign-up-missing');
      const again = addressCodes.askAgain(row);
      if (!again.ok) return again;
      const isKnown = await isAddressKnown(row.address);
      return db.write(async (tx) => {
        // A new code is of the key in force, and its link with it.
        const moved = await moveSignUp(tx, row, {
          ...again.changes,
          link_hash: linkHashOf({ ...row, ...again.changes }),
        });
        if (!moved) return refuse('recovery-moved');
        await enqueue(tx, moved, isKnown);
        return accept();
      });
    },

    async enterCode({ handle, typed, device, source }) {
      const row = await find(handle);
      if (row?.step !== 'code') return refuse('sign-up-missing');
      const read = await addressCodes.read(row, { typed, source });
      if (!read.ok) return read;
      const isKnown = await isAddressKnown(row.address);
      return db.write(async (tx) => {
        const right = await tryCode(tx, { row, code: read.code, isKnown, source });
        return right.ok ? join(tx, right.tried, row.user_id, { device, source }) : right;
      });
    },

    async chooseUserId({ handle, userId, device, source }) {
      const row = await find(handle);
      if (row?.step !== 'user-id') return refuse('sign-up-missing');
      const named = readUserId(userId);
      if (!named.ok) return named;
      const within = await limits.take('sign-up-start', source);
      if (!within.ok) return within;
      return db.write((tx) => join(tx, row, named.userId, { device, source }));
    },

    async enterLinkCode({ token, typed, source }) {
      const row = await findByLink(token);
      if (!row) return refuse('link-over');
      const read = await addressCodes.read(row, { typed, source });
      if (!read.ok) return read;
      const isKnown = await isAddressKnown(row.address);
      const handle = randomToken(random);
      return db.write(async (tx) => {
        const right = await tryCode(tx, { row, code: read.code, isKnown, source });
        if (!right.ok) return right.reason === 'tries-used' ? refuse('link-over') : right;
        const moved = await moveSignUp(tx, right.tried, {
          step: 'password',
          handle_hash: keys.hash('sign-up-handle', handle),
          password_hash: '',
          password_key_id: '',
        });
        return moved ? accept({ handle, row: moved }) : refuse('link-over');
      });
    },

    choosePassword: passwords.bounded(async ({ handle, password, repeated, device, source }) => {
      const row = await find(handle);
      if (row?.step !== 'password') return refuse('sign-up-missing');
      const checked = passwords.check(password, { names: [row.user_id, row.address] });
      if (!checked.ok) return checked;
      if (repeated !== password) return refuse('passwords-differ');
      const { hash, keyId } = await passwords.hash(checked.normalised);
      return db.write(async (tx) => {
        const chosen = await moveSignUp(tx, row, { password_hash: hash, password_key_id: keyId });
        return chosen ? join(tx, chosen, row.user_id, { device, source }) : refuse('sign-up-missing');
      });
    }),

    forget: (before) => deleteOver(db, 'sign_ups', (row) => row('expires_at', '<', before)),

    async prepareMail({ kind, subjectId, isRetry }) {
      const row = await db.read.selectFrom('sign_ups').selectAll().where('id', '=', subjectId).executeTakeFirst();
      if (row?.step !== 'code') return undefined;
      if (!(await addressCodes.mayMail(row.address, { isRetry }))) return undefined;
      const hasCode = kind === 'sign-up-code';
      const mailed = hasCode ? await db.write((tx) => giveCode(tx, row.id, addressCodes.random())) : row;
      return (
        mailed && {
          address: mailed.address,
          code: addressCodes.digits(mailed),
          linkToken: linkTokenOf(mailed),
          expiresAt: mailed.code_expires_at,
        }
      );
    },
  };
}
