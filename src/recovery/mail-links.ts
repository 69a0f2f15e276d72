// The two links of a recovery mail (D9, D11). Opening one does nothing: each acts only with the code that stands in the
// same mail and in no address, so whatever opens links and sends forms by itself gains nothing.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import { deriveLinkToken, isCode, linkHashes, readCode } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import type { Moves, MovesDependencies, Proven } from './moves.ts';
import { recoveryLifeMs, silenceMs } from './policy.ts';
import {
  findLink,
  findProven,
  findRecoveryOfLink,
  findStop,
  holdProven,
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
   * "This was not me": codes mailed until now can no longer be typed, recovery mail to the mailbox is silent for a day,
   * and whoever proved a code of the mailbox and has set no password yet is stopped. Links live on, so the owner still
   * gets in: `continueToken` is this mail's, unless its code was spent.
   */
  stop(request: LinkCode): Promise<Outcome<{ continueToken: string | undefined }, Refusal>>;
}

export function createMailLinks({
  db,
  keys,
  clock,
  random,
  audit,
  limits,
  moves: { choicesOf, move, prove },
}: Pick<MovesDependencies, 'db' | 'keys' | 'clock' | 'random' | 'audit'> & {
  limits: Limits;
  moves: Moves;
}): MailLinks {
  const takeTryOfBrowser = ({ token, browser }: LinkCode) => limits.take('link-try', keys.hash('link', token, browser));

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
      const choices = await choicesOf(from);
      return db.write(async (tx) => {
        const now = clock.now();
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
        await spendMailedCodes(tx, from.id, now);
        return prove(tx, here, choices, source);
      });
    },

    async isStopLive(token) {
      const mailed = await findStop(db, linkHashes(keys, token));
      if (!mailed || clock.now() >= mailed.link_expires_at) return false;
      return mailed.ended_at === null || (await findProven(db, mailed.mailbox_hash)).length > 0;
    },

    async stop(request) {
      const { token, typed, source } = request;
      const read = readCode(typed);
      if (!read.ok) return read;
      if (!(await findStop(db, linkHashes(keys, token)))) return refuse('link-over');
      const within = await takeTryOfBrowser(request);
      if (!within.ok) return within;
      return db.write(async (tx) => {
        const now = clock.now();
        const mailed = await takeStopTry(tx, linkHashes(keys, token), now);
        if (!mailed) return refuse('link-over');
        if (!isCode(keys, mailed.code_hash, mailed.recovery_id, read.code)) {
          await audit.append(tx, {
            event: 'recovery.code_wrong',
            subjectId: mailed.recovery_id,
            source,
            facts: { by: 'stop' },
          });
          return refuse('code-wrong');
        }
        const proven = await holdProven(tx, mailed.mailbox_hash);
        if (mailed.ended_at !== null && proven.length === 0) return refuse('link-over');
        for (const recovery of proven) {
          await move(
            tx,
            recovery,
            'stopped',
            { end_reason: 'stopped', ended_at: now },
            { source, facts: { reason: 'stopped' } },
          );
        }
        await silence(tx, mailed.mailbox_hash, { now, until: now + silenceMs });
        await audit.append(tx, { event: 'recovery.stopped', subjectId: mailed.recovery_id, source });
        const isSpent = mailed.ended_at !== null;
        return accept({
          continueToken: isSpent ? undefined : deriveLinkToken(keys, 'continue', mailed.id, mailed.key_id),
        });
      });
    },
  };
}
