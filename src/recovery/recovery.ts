// The use cases of a recovery, in the order a person meets them. Each takes one atomic step and returns the recovery
// as it then stands, or why it was refused. Known and unknown identifiers walk the same statements (D5): a recovery
// without an address is a decoy, and nothing here asks which of the two it is before the code was right.
import type { AccountDirectory, DirectoryAccount } from '../accounts/directory.ts';
import { type Identifier, readIdentifier } from '../accounts/identifiers.ts';
import type { Passwords } from '../accounts/passwords.ts';
import type { Audit } from '../audit/audit.ts';
import { type Clock, minuteMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { HumanCheck } from '../human-check/check.ts';
import { levelFor } from '../human-check/ladder.ts';
import { isLocale, type Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Outbox } from '../mail/outbox.ts';
import { deriveLinkToken, isCode, linkHashes, readCode } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { advance, type FlowEvent } from './flow.ts';
import {
  codeDigits,
  countAsk,
  maxTries,
  mayTypeCodes,
  noticeLifeMs,
  proofLifeMs,
  recoveryLifeMs,
  silenceMs,
} from './policy.ts';
import {
  clearWrongCodes,
  countWrongCode,
  endOtherRecoveries,
  findLink,
  findRecovery,
  findRecoveryOfLink,
  findStop,
  insertRecovery,
  type MailedCode,
  makeDecoy,
  moveRecovery,
  type Recovery,
  silence,
  spendMailedCodes,
  takeLinkTry,
  takeStopTry,
  takeTry,
  typableCodes,
  wrongCodesInARow,
} from './recovery-rows.ts';

export type { Recovery } from './recovery-rows.ts';

export interface RecoveryDependencies {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly humanCheck: HumanCheck;
  readonly settings: Settings;
  readonly site: string;
}

/** A step taken in this browser's recovery: `handle` from its cookie, `id` from the form that was sent. */
export interface Step {
  readonly handle: string | undefined;
  readonly id: string;
  /** Keyed hash of the network. */
  readonly source: string;
}

type Stepped = Outcome<{ recovery: Recovery }, Refusal>;
/** A proof gives the browser a new handle: the one before it is worth nothing. */
type Proven = Outcome<{ recovery: Recovery; handle: string }, Refusal>;

export interface RecoveryUseCases {
  start(request: {
    typed: string;
    checkHandle: string;
    source: string;
    locale: Locale;
    returnTo: string | null;
  }): Promise<Proven>;
  /** The recovery of this browser, whatever step it is at. */
  find(handle: string | undefined): Promise<Recovery | undefined>;
  /** What was typed at the start. */
  identifierOf(recovery: Recovery): string;
  /** What signs in once it is done: what was typed, or the user ID where several accounts share that address (D8). */
  signInNameOf(recovery: Recovery): Promise<string>;
  askMail(step: Step): Promise<Stepped>;
  enterCode(step: Step & { typed: string }): Promise<Proven>;
  /** The code of a mail, typed under that mail's link, in whatever browser (D9). */
  enterLinkCode(request: {
    token: string;
    typed: string;
    browser: string;
    source: string;
    locale: Locale;
  }): Promise<Proven>;
  isLinkLive(token: string): Promise<boolean>;
  isStopLive(token: string): Promise<boolean>;
  /**
   * "This was not me", with the code of that mail (D11): codes mailed until now can no longer be typed, and recovery mail
   * to the mailbox is silent for a day. Links live on, so the owner still gets in: `continueToken` is this mail's.
   */
  stop(request: {
    token: string;
    typed: string;
    browser: string;
    source: string;
  }): Promise<Outcome<{ continueToken: string }, Refusal>>;
  /** The accounts to choose from once the code was right. */
  accountsOf(recovery: Recovery): Promise<readonly DirectoryAccount[]>;
  chooseAccount(step: Step & { accountId: string }): Promise<Stepped>;
  setPassword(
    step: Step & { password: string; repeated: string },
  ): Promise<Outcome<{ recovery: Recovery; userId: string }, Refusal>>;
}

export function createRecovery(dependencies: RecoveryDependencies): RecoveryUseCases {
  const { db, keys, clock, random, audit, outbox, limits, directory, passwords, sessions, humanCheck, settings, site } =
    dependencies;

  const hashesOf = (handle: string) => keys.hashes('recovery-handle', handle);
  const mailboxHashes = (addressKey: string) => keys.hashes('mailbox', site, addressKey);
  const codeLifeMs = settings.codeLifeMinutes * minuteMs;

  const find: RecoveryUseCases['find'] = async (handle) => (handle ? findRecovery(db, hashesOf(handle)) : undefined);

  /** The browser's recovery, provided that the form was made for it. */
  async function claim({
    handle,
    id,
  }: Step): Promise<Outcome<{ recovery: Recovery }, 'recovery-missing' | 'recovery-other'>> {
    const recovery = await find(handle);
    if (!recovery) return refuse('recovery-missing');
    return recovery.id === id ? accept({ recovery }) : refuse('recovery-other');
  }

  const identifierOf: RecoveryUseCases['identifierOf'] = (recovery) => keys.open(recovery.identifier_sealed) ?? '';

  /** Who may be recovered through this recovery now: addresses and accounts may have changed since it began. */
  async function accountsOf(recovery: Recovery): Promise<readonly DirectoryAccount[]> {
    const read = readIdentifier(identifierOf(recovery));
    if (!read.ok) return [];
    const { accounts } = await directory.findForRecovery(read);
    return accounts.filter(
      ({ id, address }) =>
        recovery.address_id !== null &&
        // A user ID says nothing about the address that the code went to: it must still be the one of the account.
        (read.kind === 'email' || address.id === recovery.address_id) &&
        (recovery.account_id === null || recovery.account_id === id),
    );
  }

  /** A decoy's row says the same to the visitor; an address without any account is told so in its own mailbox (D8). */
  async function mailKindOf(recovery: Recovery): Promise<'recovery-code' | 'no-account' | 'none'> {
    const read = readIdentifier(identifierOf(recovery));
    const isKnown = read.ok && (await directory.findForRecovery(read)).isKnown;
    if (recovery.address_id !== null) return 'recovery-code';
    return read.ok && read.kind === 'email' && !isKnown && settings.noAccountMail ? 'no-account' : 'none';
  }

  /** One move along the flow table, with its audit event, in the caller's transaction. */
  async function move(
    tx: Transaction,
    from: Recovery,
    event: FlowEvent,
    changes: Parameters<typeof moveRecovery>[2],
    { source, facts = {} }: { source: string; facts?: Record<string, string | number> },
  ): Promise<Stepped> {
    const advanced = advance(from, event, clock.now());
    if (!advanced.ok) return advanced;
    const recovery = await moveRecovery(tx, from, { ...changes, step: advanced.to });
    if (!recovery) return refuse('recovery-moved');
    await audit.append(tx, { event: advanced.audit, subjectId: from.id, accountId: from.account_id, source, facts });
    return accept({ recovery });
  }

  /** The step after a right code: a new handle, the accounts to choose from, the mailed codes spent. */
  async function prove(
    tx: Transaction,
    from: Recovery,
    accounts: readonly DirectoryAccount[],
    source: string,
  ): Promise<Proven> {
    const now = clock.now();
    const handle = randomToken(random);
    const [only] = accounts;
    const several = accounts.length > 1;
    const moved = await move(
      tx,
      from,
      several ? 'code-right-for-several' : 'code-right',
      {
        handle_hash: keys.hash('recovery-handle', handle),
        account_id: several ? null : (only?.id ?? null),
        proven_at: now,
        proof: 'email-code',
        password_until: now + proofLifeMs,
        expires_at: now + proofLifeMs,
      },
      { source },
    );
    if (!moved.ok) return moved;
    await spendMailedCodes(tx, from.id, now);
    await clearWrongCodes(tx, from.mailbox_hash);
    return accept({ recovery: moved.recovery, handle });
  }

  return {
    find,
    identifierOf,
    accountsOf,

    async signInNameOf(recovery) {
      const typed = identifierOf(recovery);
      const read = readIdentifier(typed);
      if (read.ok && (await directory.findForSignIn(read))) return typed;
      return (await directory.find(recovery.account_id ?? ''))?.userId ?? typed;
    },

    async start({ typed, checkHandle, source, locale, returnTo }) {
      const read = readIdentifier(typed);
      if (!read.ok) return read;
      const within = await limits.take('recovery-start', source);
      if (!within.ok) return within;
      const identifier = read;
      const identifierHash = keys.hash('identifier', site, identifier.kind, identifier.key);
      const isIdentifierBusy = !(await limits.take('recovery-identifier', identifierHash)).ok;
      const isSiteBusy = !(await limits.look('code-wrong-site', site)).ok;
      const found = await directory.findForRecovery(identifier);
      const now = clock.now();
      const handle = randomToken(random);
      const recovery: Recovery = {
        id: randomToken(random),
        site,
        handle_hash: keys.hash('recovery-handle', handle),
        step: 'method',
        version: 1,
        identifier_sealed: keys.seal(identifier.typed),
        identifier_hash: identifierHash,
        ...targetOf(identifier, found.accounts),
        locale,
        return_to: returnTo,
        tries: 0,
        mails_asked: 0,
        mails_asked_since: now,
        mail_asked_at: null,
        code_generation: 0,
        code_digits: 8,
        code_random: null,
        code_key_id: null,
        code_expires_at: null,
        proven_at: null,
        proof: null,
        password_until: null,
        end_reason: null,
        created_at: now,
        expires_at: now + recoveryLifeMs,
        ended_at: null,
      };
      return db.write(async (tx) => {
        const checked = await humanCheck.spend(
          tx,
          { handle: checkHandle, purpose: 'recovery' },
          levelFor({ isIdentifierBusy, isSiteBusy }),
        );
        if (!checked.ok) return checked;
        await insertRecovery(tx, recovery);
        await audit.append(tx, {
          event: 'recovery.started',
          subjectId: recovery.id,
          accountId: recovery.account_id,
          source,
        });
        return accept({ recovery, handle });
      });
    },

    async askMail(step) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const from = claimed.recovery;
      const kind = await mailKindOf(from);
      return db.write(async (tx) => {
        const now = clock.now();
        const wrong = await wrongCodesInARow(tx, from.mailbox_hash);
        const isAlive = now < (from.code_expires_at ?? 0);
        const code = isAlive
          ? {}
          : {
              code_generation: from.code_generation + 1,
              code_digits: codeDigits(wrong),
              code_random: randomToken(random),
              code_key_id: keys.currentId,
              code_expires_at: now + codeLifeMs,
            };
        const moved = await move(tx, from, 'email-chosen', { ...code, ...countAsk(from, now) }, step);
        if (!moved.ok) return moved;
        await outbox.enqueue(tx, {
          kind,
          subjectId: from.id,
          addressId: from.address_id,
          locale: localeOf(from),
          expiresAt: moved.recovery.code_expires_at ?? now,
        });
        return moved;
      });
    },

    async enterCode({ typed, ...step }) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const read = readCode(typed);
      if (!read.ok) return read;
      const allowed = advance(claimed.recovery, 'code-right', clock.now());
      if (!allowed.ok) return allowed;
      if (clock.now() >= (claimed.recovery.code_expires_at ?? 0)) return refuse('code-expired');
      const within = await limits.take('code-try', step.source);
      if (!within.ok) return within;
      // Looked up before the code is compared, for everyone: a right code must not take longer than a wrong one.
      const accounts = await accountsOf(claimed.recovery);
      const entered: Proven = await db.write(async (tx) => {
        const tried = await takeTry(tx, claimed.recovery.id);
        if (!tried) return refuse('recovery-moved');
        const mailed = await typableCodes(tx, tried);
        const wrongBefore = await countWrongCode(tx, tried);
        const isRight =
          mailed.some(({ code_hash }) => isCode(keys, code_hash, tried.id, read.code)) &&
          mayTypeCodes(wrongBefore) &&
          accounts.length > 0;
        if (isRight) return prove(tx, tried, accounts, step.source);
        const isLast = tried.tries >= maxTries;
        const ended = isLast ? { end_reason: 'tries-used', ended_at: clock.now() } : {};
        const moved = await move(tx, tried, isLast ? 'tries-used' : 'code-wrong', ended, {
          source: step.source,
          facts: { tries: tried.tries },
        });
        return moved.ok ? refuse(isLast ? 'tries-used' : 'code-wrong') : moved;
      });
      if (!entered.ok) await limits.take('code-wrong-site', site);
      return entered;
    },

    async isLinkLive(token) {
      return isLive(await findLink(db, linkHashes(keys, token)));
    },

    async enterLinkCode({ token, typed, browser, source, locale }) {
      const read = readCode(typed);
      if (!read.ok) return read;
      // Looked up before it is counted: made-up tokens leave no counters behind.
      const from = await findRecoveryOfLink(db, linkHashes(keys, token));
      if (!from) return refuse('link-over');
      const within = await limits.take('link-try', keys.hash('link', token, browser));
      if (!within.ok) return within;
      const accounts = await accountsOf(from);
      return db.write(async (tx) => {
        const now = clock.now();
        const mailed = await takeLinkTry(tx, linkHashes(keys, token), now);
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, from.id, read.code) || accounts.length === 0) {
          await audit.append(tx, {
            event: 'recovery.code_wrong',
            subjectId: from.id,
            accountId: from.account_id,
            source,
            facts: { by: 'link' },
          });
          return refuse('code-wrong');
        }
        // The recovery goes on in this browser as one of its own; where it began, the page answers as before.
        const handle = randomToken(random);
        const here: Recovery = {
          ...from,
          id: randomToken(random),
          handle_hash: keys.hash('recovery-handle', handle),
          step: 'code',
          version: 1,
          locale,
          expires_at: now + recoveryLifeMs,
        };
        await insertRecovery(tx, here);
        await makeDecoy(tx, from.id);
        await spendMailedCodes(tx, from.id, now);
        return prove(tx, here, accounts, source);
      });
    },

    async isStopLive(token) {
      return isLive(await findStop(db, linkHashes(keys, token)));
    },

    async stop({ token, typed, browser, source }) {
      const read = readCode(typed);
      if (!read.ok) return read;
      if (!(await findStop(db, linkHashes(keys, token)))) return refuse('link-over');
      const within = await limits.take('link-try', keys.hash('link', token, browser));
      if (!within.ok) return within;
      return db.write(async (tx) => {
        const now = clock.now();
        const mailed = await takeStopTry(tx, linkHashes(keys, token), now);
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, mailed.recovery_id, read.code)) return refuse('code-wrong');
        await silence(tx, mailed.mailbox_hash, { now, until: now + silenceMs });
        await audit.append(tx, { event: 'recovery.stopped', subjectId: mailed.recovery_id, source });
        return accept({ continueToken: deriveLinkToken(keys, 'continue', mailed.id, mailed.key_id) ?? '' });
      });
    },

    async chooseAccount({ accountId, ...step }) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const allowed = advance(claimed.recovery, 'account-chosen', clock.now());
      if (!allowed.ok) return allowed;
      const accounts = await accountsOf(claimed.recovery);
      const chosen = accounts.find(({ id }) => id === accountId);
      if (!chosen) return refuse('account-missing');
      return db.write((tx) => move(tx, claimed.recovery, 'account-chosen', { account_id: chosen.id }, step));
    },

    async setPassword({ password, repeated, ...step }) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const from = claimed.recovery;
      const allowed = advance(from, 'password-set', clock.now());
      if (!allowed.ok) return allowed;
      const [account] = await accountsOf(from);
      if (!account) return refuse('recovery-over');
      const addresses = await directory.addressesOf(account.id);
      const checked = passwords.check(password, {
        names: [account.userId, ...addresses.map(({ address }) => address)],
      });
      if (!checked.ok) return checked;
      if (repeated !== password) return refuse('passwords-differ');
      const { hash, keyId } = await passwords.hash(checked.normalised);
      return db.write(async (tx) => {
        const now = clock.now();
        const moved = await move(tx, from, 'password-set', { ended_at: now }, step);
        if (!moved.ok) return moved;
        await directory.setPassword(tx, { accountId: account.id, hash, keyId, recoveryId: from.id });
        await directory.dropUnconfirmed(tx, account.id);
        await sessions.endAll(tx, account.id);
        await endOtherRecoveries(
          tx,
          from,
          { id: account.id, mailboxHashes: addresses.flatMap(({ key }) => mailboxHashes(key)) },
          now,
        );
        for (const { id } of addresses) {
          await outbox.enqueue(tx, {
            kind: 'password-changed',
            subjectId: from.id,
            addressId: id,
            locale: localeOf(from),
            expiresAt: now + noticeLifeMs,
          });
        }
        return accept({ recovery: moved.recovery, userId: account.userId });
      });
    },
  };

  function localeOf({ locale }: Recovery): Locale {
    return isLocale(locale) ? locale : 'en';
  }

  function isLive(mailed: MailedCode | undefined): boolean {
    return mailed !== undefined && mailed.ended_at === null && clock.now() < mailed.link_expires_at;
  }

  /** Where mail would go and what it would open. A decoy has a mailbox hash of its own, so that the same rows are read. */
  function targetOf(
    identifier: Identifier,
    accounts: readonly DirectoryAccount[],
  ): Pick<Recovery, 'mailbox_hash' | 'address_id' | 'account_id'> {
    const [first] = accounts;
    return {
      mailbox_hash: keys.hash('mailbox', site, first?.address.key ?? identifier.key),
      address_id: first?.address.id ?? null,
      account_id: accounts.length === 1 ? (first?.id ?? null) : null,
    };
  }
}
