// The use cases of a recovery, in the order a person meets them. Each takes one atomic step and returns the recovery
// as it then stands, or why it was refused. Known and unknown identifiers walk the same statements (D5): a recovery
// without an address is a decoy, and nothing here asks which of the two it is before the code was right.
import type { AccountDirectory, DirectoryAccount, FoundAccounts } from '../accounts/directory.ts';
import { type Identifier, readIdentifier } from '../accounts/identifiers.ts';
import { newcomersAfter } from '../accounts/removal.ts';
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
import { type Locale, storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Order, Outbox } from '../mail/outbox.ts';
import type { Dropped, PasswordChanges } from '../password-changes/password-changes.ts';
import { isCode, maxTries, readCode } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import { type Choices, choicesAmong } from './choices.ts';
import { advance } from './flow.ts';
import { createMailLinks, type MailLinks } from './mail-links.ts';
import { createMoves, type Opened, type Proven, type Step, type Stepped } from './moves.ts';
import { createReleased, type Released, type ReleasePort } from './released.ts';
import { codeDigits, countAsk, recoveryLifeMs } from './policy.ts';
import { createEndThroughAddress, type EndThroughAddress } from './through-address.ts';
import {
  type Changes,
  countCode,
  deleteRecoveries,
  begunRecovery,
  giveBackTry,
  insertRecovery,
  type RecoveriesOver,
  type Recovery,
  takeTry,
  typableCodes,
  wrongCodesInARow,
} from './recovery-rows.ts';

export type { Choices } from './choices.ts';
export type { Opened } from './moves.ts';
export type { Recovery } from './recovery-rows.ts';

export interface RecoveryNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly directory: AccountDirectory;
  readonly passwords: Passwords;
  readonly passwordChanges: PasswordChanges;
  readonly humanCheck: HumanCheck;
  readonly settings: Settings;
  readonly site: string;
  readonly releases: ReleasePort;
}

export interface RecoveryUseCases extends MailLinks, Released {
  start(request: {
    typed: string;
    checkHandle: string;
    source: string;
    locale: Locale;
    returnTo: string | null;
    /** Asks for its mail in the same step, where there is no page on which a way is chosen. */
    method?: 'email-code' | undefined;
  }): Promise<Proven>;
  /** The recovery of this browser, whatever step it is at. */
  find(handle: string | undefined): Promise<Recovery | undefined>;
  /** The same, provided that it is the one of this id. */
  claim(step: Step): Promise<Outcome<Opened, Refusal>>;
  /** What was typed at the start. */
  identifierOf(recovery: Recovery): string;
  /** What signs in once it is done: what was typed, or the user ID where several accounts share that address (D8). */
  signInNameOf(recovery: Recovery): Promise<string>;
  askMail(step: Step): Promise<Stepped>;
  enterCode(step: Step & { typed: string }): Promise<Proven>;
  /** The accounts to choose from once the code was right, and those that only a provider opens. */
  choicesOf(opened: Opened): Promise<Choices>;
  chooseAccount(step: Step & { accountId: string }): Promise<Stepped>;
  setPassword(
    step: Step & { password: string; repeated: string },
  ): Promise<Outcome<{ recovery: Recovery; userId: string; dropped: Dropped }, Refusal>>;
  readonly endThroughAddress: EndThroughAddress;
  /** Deletes what was over before these times. */
  forget(before: RecoveriesOver): Promise<void>;
}

type Mail = Pick<Order, 'kind' | 'addressId'>;

export function createRecovery(needs: RecoveryNeeds): RecoveryUseCases {
  const { db, keys, clock, random, audit, outbox, limits, directory, passwords, passwordChanges } = needs;
  const { humanCheck, settings, site, releases } = needs;

  const moves = createMoves(needs);
  const { claim, identifierOf, choicesOf, planMove, move, moveHeld, prove } = moves;
  const codeLifeMs = settings.codeLifeMinutes * minuteMs;

  /**
   * What is mailed, and where: the code, or what only the mailbox may learn (D5, D8). A decoy's row says the same to the
   * visitor. Nothing for a decoy of an account that a code would open: it ended elsewhere, or was not open at the start.
   */
  function mailOf(recovery: Recovery, read: Identifier, found: FoundAccounts): Mail {
    if (choicesAmong(recovery, read, found).accounts.length > 0)
      return { kind: 'recovery-code', addressId: recovery.address_id };
    if (found.accounts.length > 0) return { kind: 'none' };
    const provided = found.others.find(({ provider }) => provider !== null);
    if (provided) return { kind: 'provider-sign-in', addressId: provided.address.id };
    const [disabled] = found.others;
    if (disabled) return { kind: 'account-disabled', addressId: disabled.address.id };
    return { kind: read.kind === 'email' && settings.noAccountMail ? 'no-account' : 'none' };
  }

  /** What asking for the mail changes in a recovery: its count and, where no code is alive, a code. `wrong`: codes in a row. */
  function changesByAsking(from: Recovery, wrong: number): Changes {
    const now = clock.now();
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
    return { ...code, ...countAsk(from, now) };
  }

  const enqueue = (tx: Transaction, mail: Mail, { id: subjectId, locale, code_expires_at }: Recovery) =>
    outbox.enqueue(tx, {
      ...mail,
      subjectId,
      locale: storedLocale(locale),
      expiresAt: code_expires_at ?? clock.now(),
    });

  /** The recovery and its events as they are first written: at the choice of a way, or behind it. */
  async function beginIn(
    tx: Transaction,
    begun: Recovery,
    { mail, wrong, ...by }: { mail: Mail | undefined; wrong: number; source: string },
  ): Promise<Outcome<{ recovery: Recovery }, Refusal>> {
    const started = { event: 'recovery.started', subjectId: begun.id, accountId: begun.account_id, ...by } as const;
    const asked = mail && planMove(begun, 'email-chosen', changesByAsking(begun, wrong), by);
    if (asked?.ok === false) return asked;
    const recovery = asked?.recovery ?? begun;
    await insertRecovery(tx, recovery);
    await audit.append(tx, started, ...(asked ? [asked.entry] : []));
    if (mail) await enqueue(tx, mail, recovery);
    return accept({ recovery });
  }

  return {
    ...createMailLinks({ ...needs, moves }),
    ...createReleased({ ...needs, moves }),
    find: moves.find,
    claim,
    identifierOf,
    choicesOf,

    async signInNameOf(recovery) {
      const typed = identifierOf(recovery);
      const read = readIdentifier(typed);
      if (read.ok && (await directory.findForSignIn(read))) return typed;
      return (await directory.find(recovery.account_id ?? ''))?.userId ?? typed;
    },

    async start({ typed, checkHandle, source, locale, returnTo, method }) {
      const read = readIdentifier(typed);
      if (!read.ok) return read;
      const identifier = read;
      const identifierHash = keys.hash('identifier', site, identifier.kind, identifier.key);
      const [ofIdentifier, wrongCodesOnSite, found] = await Promise.all([
        limits.count('recovery-identifier', identifierHash),
        limits.count('code-wrong-site', site),
        directory.findForRecovery(identifier),
      ]);
      const level = await humanCheck.levelNeeded(levelFor({ ofIdentifier, wrongCodesOnSite }));
      const now = clock.now();
      const handle = randomToken(random);
      const recovery = begunRecovery({
        id: randomToken(random),
        site,
        handle_hash: keys.hash('recovery-handle', handle),
        identifier_sealed: keys.seal(identifier.typed),
        ...targetOf(identifier, found.accounts),
        locale,
        return_to: returnTo,
        created_at: now,
        expires_at: now + recoveryLifeMs,
      });
      return db.write(async (tx): Promise<Proven> => {
        const [within, wrong] = await Promise.all([
          limits.take('recovery-start', source, tx),
          method ? wrongCodesInARow(tx, recovery.mailbox_hash) : 0,
        ]);
        if (!within.ok) return within;
        const checked = await humanCheck.spend(tx, { handle: checkHandle, purpose: 'recovery' }, level);
        if (!checked.ok) return checked;
        const { mode = null, score = null, policy = null } = checked.spent ?? {};
        const begun = { ...recovery, check_mode: mode, check_score: score, check_policy: policy };
        const mail = method && mailOf(begun, identifier, found);
        const written = await beginIn(tx, begun, { mail, wrong, source });
        // Counted once the check is spent: raising the price for somebody else costs the price.
        await limits.note('recovery-identifier', identifierHash, tx);
        return written.ok ? accept({ ...written, identifier: identifier.typed, handle }) : written;
      });
    },

    async askMail(step) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const read = readIdentifier(claimed.identifier);
      const mail: Mail = read.ok
        ? mailOf(claimed.recovery, read, await directory.findForRecovery(read))
        : { kind: 'none' };
      return db.write(async (tx): Promise<Stepped> => {
        const wrong = await wrongCodesInARow(tx, claimed.recovery.mailbox_hash);
        const changes = changesByAsking(claimed.recovery, wrong);
        const moved = await move(tx, claimed.recovery, 'email-chosen', changes, step);
        if (!moved.ok) return moved;
        await enqueue(tx, mail, moved.recovery);
        return accept({ ...claimed, recovery: moved.recovery });
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
      // Looked up before the code is compared, for everyone: a right code must not take longer than a wrong one.
      const choices = await choicesOf(claimed);
      const entered: Proven = await db.write(async (tx) => {
        const { id: recoveryId } = claimed.recovery;
        const [within, tried, mailed] = await Promise.all([
          limits.take('code-try', step.source, tx),
          takeTry(tx, claimed.recovery),
          typableCodes(tx, { recoveryId }),
        ]);
        if (!within.ok) {
          if (tried) await giveBackTry(tx, { id: recoveryId });
          return within;
        }
        if (!tried) return refuse('recovery-moved');
        const isMailed =
          mailed.some(({ code_hash }) => isCode(keys, code_hash, tried.id, read.code)) && choices.accounts.length > 0;
        if (await countCode(tx, tried, isMailed ? 'mailed' : 'other'))
          return prove(tx, { ...claimed, recovery: tried }, choices, step.source);
        const isLast = tried.tries >= maxTries;
        const ended = isLast ? { end_reason: 'tries-used', ended_at: clock.now() } : {};
        const moved = await moveHeld(tx, tried, isLast ? 'tries-used' : 'code-wrong', ended, {
          source: step.source,
          facts: isLast ? { reason: 'tries-used' } : { tries: tried.tries },
        });
        return moved.ok ? refuse(isLast ? 'tries-used' : 'code-wrong') : moved;
      });
      if (!entered.ok && entered.reason !== 'too-many') await limits.take('code-wrong-site', site);
      return entered;
    },

    async chooseAccount({ accountId, ...step }) {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const allowed = advance(claimed.recovery, 'account-chosen', clock.now());
      if (!allowed.ok) return allowed;
      const { accounts } = await choicesOf(claimed);
      const chosen = accounts.find(({ id }) => id === accountId);
      if (!chosen) return refuse('account-missing');
      return db.write(async (tx): Promise<Stepped> => {
        const moved = await move(tx, claimed.recovery, 'account-chosen', { account_id: chosen.id }, step);
        return moved.ok ? accept({ ...claimed, recovery: moved.recovery }) : moved;
      });
    },

    setPassword: passwords.bounded(async ({ password, repeated, ...step }) => {
      const claimed = await claim(step);
      if (!claimed.ok) return claimed;
      const { recovery: from, identifier } = claimed;
      const allowed = advance(from, 'password-set', clock.now());
      if (!allowed.ok) return allowed;
      const [choices, addresses] = await Promise.all([
        choicesOf(claimed),
        directory.addressesOf(from.account_id ?? ''),
      ]);
      const [account] = choices.accounts;
      if (!account) return refuse('recovery-over');
      const checked = passwords.check(password, {
        names: [account.userId, ...addresses.map(({ address }) => address)],
      });
      if (!checked.ok) return checked;
      if (repeated !== password) return refuse('passwords-differ');
      const hashed = await passwords.hash(checked.normalised);
      return db.write(async (tx) => {
        await directory.hold(tx, account.id);
        const releaseId = from.release_id;
        const released = releaseId === null ? undefined : await releases.hold(tx, releaseId);
        if (releaseId !== null && !released) return refuse('recovery-over');
        const moved = await move(tx, from, 'password-set', { ended_at: clock.now() }, step);
        if (!moved.ok) return moved;
        const { source } = step;
        const addressConfirmedAt = account.address?.confirmedAt;
        // What came after the release was proposed came from whoever the account is taken from.
        const newAfter = released?.proposedAt ?? newcomersAfter({ confirmedAt: addressConfirmedAt ?? 0 }, clock.now());
        const [dropped] = await Promise.all([
          passwordChanges.make(tx, {
            account,
            password: hashed,
            recovery: { id: from.id, typed: identifier, newAfter },
            addresses,
            finishedBy: released ? 'caller' : 'change',
            source,
          }),
          addressConfirmedAt !== undefined &&
            releases.comesIn(tx, { accountId: account.id, source, addressConfirmedAt }),
        ]);
        const { changeId } = dropped;
        const spent =
          releaseId === null
            ? undefined
            : await releases.spend(tx, { releaseId, changeId, account, addresses, source });
        return accept({ recovery: moved.recovery, userId: account.userId, dropped: { ...dropped, ...spent } });
      });
    }),

    endThroughAddress: createEndThroughAddress({ keys, clock, site, moves }),
    forget: (before) => deleteRecoveries(db, before),
  };

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
