// The two links of a recovery mail (D9, D11). Opening one does nothing: each acts only with the code that stands in the
// same mail and in no address, so whatever opens links and sends forms by itself gains nothing.
import { readIdentifier } from '../accounts/identifiers.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Transaction } from '../database/database.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import { deriveLinkToken, isCode, linkHashes, readCode, takeBrowserTry } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import type { Moves, MovesNeeds, Proven } from './moves.ts';
import { recoveryLifeMs, silenceMs } from './policy.ts';
import {
  endSilence,
  clearWrongCodes,
  findLink,
  findProven,
  findRecoveryById,
  findRecoveryOfLink,
  findStop,
  holdProven,
  holdRecovery,
  insertRecovery,
  makeDecoy,
  type Recovery,
  silence,
  spendMailedCodes,
  takeLinkTry,
  takeStopTry,
} from './recovery-rows.ts';

/** A code typed under a link: `token` from the address, `browser` a handle that the browser keeps. */
export interface LinkCode {
  readonly token: string;
  readonly typed: string;
  readonly browser: string;
  readonly source: string;
}

export interface MailLinks {
  isLinkLive(token: string): Promise<boolean>;
  /** Goes on with the recovery in this browser, whatever became of it where it began. */
  enterLinkCode(request: LinkCode & { locale: Locale }): Promise<Proven>;
  isStopLive(token: string): Promise<boolean>;
  /**
   * "This was not me": codes mailed until now for the mailbox or the account can no longer be typed, recovery mail to the
   * mailbox is silent for a day, and whoever proved such a code and has set no password yet is stopped. Links live on,
   * so the owner still gets in: `continueToken` is this mail's, unless its code was spent; then `resume` is the way.
   */
  stop(request: LinkCode): Promise<Outcome<{ continueToken: string | undefined }, Refusal>>;
  /** "It is me after all": recovery mail goes to the mailbox again. The codes that were stopped stay so. */
  resume(request: LinkCode): Promise<Outcome<unknown, Refusal>>;
}

export function createMailLinks({
  db,
  keys,
  clock,
  random,
  audit,
  limits,
  directory,
  moves: { choicesOf, identifierOf, move, prove },
}: MovesNeeds & {
  limits: Limits;
  moves: Moves;
}): MailLinks {
  const takeTryOfBrowser = (request: LinkCode) => takeBrowserTry({ keys, limits }, request);

  /** What a code under the stop link is about, once it is a whole code and the browser has a try left. */
  async function openStop(request: LinkCode): Promise<Outcome<{ from: Recovery; code: string }, Refusal>> {
    const mailed = await findStop(db, linkHashes(keys, request.token));
    const from = mailed && (await findRecoveryById(db, mailed.recovery_id));
    if (!from || clock.now() >= mailed.link_expires_at) return refuse('link-over');
    const read = readCode(request.typed);
    if (!read.ok) return read;
    const within = await takeTryOfBrowser(request);
    return within.ok ? accept({ from, code: read.code }) : within;
  }

  async function refuseWrong(tx: Transaction, from: Recovery, source: string) {
    const { id: subjectId, account_id: accountId } = from;
    await audit.append(tx, { event: 'recovery.code_wrong', subjectId, accountId, source, facts: { by: 'stop' } });
    return refuse('code-wrong');
  }

  /**
   * Whom a stop concerns: one that went on elsewhere has no account in it any more, but the identifier says whose it was. Looked
   * up for every one, so that a shared address takes no longer than another.
   */
  async function accountsStopped(from: Recovery): Promise<readonly (string | null)[]> {
    const read = readIdentifier(identifierOf(from));
    const accounts = read.ok ? (await directory.findForRecovery(read)).accounts : [];
    if (from.account_id !== null) return [from.account_id];
    return accounts.length > 0 ? accounts.map(({ id }) => id) : [null];
  }

  return {
    async isLinkLive(token) {
      const mailed = await findLink(db, linkHashes(keys, token));
      return mailed !== undefined && mailed.ended_at === null && clock.now() < mailed.link_expires_at;
    },

    async enterLinkCode({ locale, ...request }) {
      const { token, typed, source } = request;
      const read = readCode(typed);
      if (!read.ok) return read;
      // Looked up before it is counted: made-up tokens leave no counters behind.
      const from = await findRecoveryOfLink(db, linkHashes(keys, token));
      if (!from) return refuse('link-over');
      const within = await takeTryOfBrowser(request);
      if (!within.ok) return within;
      const identifier = identifierOf(from);
      const choices = await choicesOf({ recovery: from, identifier });
      return db.write(async (tx) => {
        const now = clock.now();
        // Before its codes, as whatever ends recoveries does: two that hold them the other way round would wait for each other.
        await holdRecovery(tx, from.id);
        const mailed = await takeLinkTry(tx, linkHashes(keys, token), now);
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, from.id, read.code) || choices.accounts.length === 0) {
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
        const here: Recovery = {
          ...from,
          id: randomToken(random),
          handle_hash: keys.hash('recovery-handle', randomToken(random)),
          step: 'code',
          version: 1,
          locale,
          end_reason: null,
          ended_at: null,
          expires_at: now + recoveryLifeMs,
        };
        await insertRecovery(tx, here);
        await makeDecoy(tx, from.id);
        await spendMailedCodes(tx, { recoveryId: from.id, now });
        await clearWrongCodes(tx, { mailboxHash: from.mailbox_hash });
        return prove(tx, { recovery: here, identifier }, choices, source);
      });
    },

    async isStopLive(token) {
      const mailed = await findStop(db, linkHashes(keys, token));
      if (!mailed || clock.now() >= mailed.link_expires_at) return false;
      if (mailed.ended_at === null) return true;
      const of = await findRecoveryById(db, mailed.recovery_id);
      return (await findProven(db, { mailboxHash: mailed.mailbox_hash, accountId: of?.account_id ?? null })).length > 0;
    },

    async stop(request) {
      const { token, source } = request;
      const opened = await openStop(request);
      if (!opened.ok) return opened;
      const { from, code } = opened;
      const accountIds = await accountsStopped(from);
      const whose = { mailboxHash: from.mailbox_hash, accountId: from.account_id };
      return db.write(async (tx) => {
        const now = clock.now();
        const proven = await holdProven(tx, whose);
        const mailed = await takeStopTry(tx, linkHashes(keys, token), now);
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, from.id, code)) return refuseWrong(tx, from, source);
        if (mailed.ended_at !== null && proven.length === 0) return refuse('link-over');
        for (const recovery of proven) {
          const ended = { end_reason: 'stopped', ended_at: now };
          await move(tx, recovery, 'stopped', ended, { source, facts: { reason: 'stopped' } });
        }
        await silence(tx, whose, { now, until: now + silenceMs });
        // Support looks for it by the account.
        for (const accountId of accountIds)
          await audit.append(tx, { event: 'recovery.stopped', subjectId: from.id, accountId, source });
        const isSpent = mailed.ended_at !== null;
        return accept({
          continueToken: isSpent ? undefined : deriveLinkToken(keys, 'continue', mailed.id, mailed.key_id),
        });
      });
    },

    async resume(request) {
      const { token, source } = request;
      const opened = await openStop(request);
      if (!opened.ok) return opened;
      const { from, code } = opened;
      return db.write(async (tx) => {
        const mailed = await takeStopTry(tx, linkHashes(keys, token), clock.now());
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, from.id, code)) return refuseWrong(tx, from, source);
        await endSilence(tx, mailed.mailbox_hash);
        await audit.append(tx, { event: 'recovery.resumed', subjectId: from.id, accountId: from.account_id, source });
        return accept();
      });
    },
  };
}
