// The code mailed to an address that somebody typed: of a sign-up, of a further address, of the contact of a case. Each has
// rows of its own, with these columns; what holds of the code is the same for all (D2, D3), as is what such an address may
// receive (D8).
import { type RawBuilder, sql } from 'kysely';
import { addressKey } from '../accounts/identifiers.ts';
import { type Clock, minuteMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import { isEqualSecret, type Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Limits } from '../limits/limits.ts';
import { takeTypedMail } from '../limits/typed-mail.ts';
import type { Refusal } from '../refusals.ts';
import { deriveCode, readCode, resendWaitMs } from './email-code.ts';

/** Of a row with one code at a time. Times in UTC epoch ms. */
export interface TypedAddressCode {
  readonly id: string;
  readonly code_random: string;
  readonly code_key_id: string;
  readonly code_expires_at: number;
  readonly mail_asked_at: number;
}

type Asked = Pick<TypedAddressCode, 'mail_asked_at'> &
  Partial<Pick<TypedAddressCode, 'code_random' | 'code_key_id' | 'code_expires_at'>>;

/** In place of `code_random` until a mail is made: so the caps on mail to a typed address bound the guessing too (D3). */
export const noCode = '';

/** Takes a try, before anything is compared, where fewer than `maxTries` were taken. */
export const oneTry = { tries: sql<number>`tries + 1`, version: sql<number>`version + 1` };

/** A code from now on, the same for each further mail; what is tried before any mail went out is compared with nothing. */
export const given = (codeRandom: string): { readonly code_random: RawBuilder<string> } => ({
  code_random: sql<string>`CASE WHEN code_random = ${noCode} THEN ${codeRandom} ELSE code_random END`,
});

export interface TypedAddressCodes {
  /** The columns of a new row: its mail is asked for, and no code is right yet. */
  begin(): Omit<TypedAddressCode, 'id'> & { readonly tries: number };
  /** What asking for the mail again changes: the same code while it lives, a new one once it has expired. Tries are not given back. */
  askAgain(row: TypedAddressCode): Outcome<{ changes: Asked }, Refusal>;
  /** What was typed from this network, if it can be compared with the code of this row. */
  read(row: TypedAddressCode, request: { typed: string; source: string }): Promise<Outcome<{ code: string }, Refusal>>;
  /** `row` as it was when the try was taken. */
  isRight(row: TypedAddressCode, code: string): boolean;
  /** The keyed hash that an address is known by. */
  mailboxOf(address: string): string;
  /** Whether one more mail may go to the address; it is counted. The retry of a mail is the same mail. */
  mayMail(address: string, entry: { readonly isRetry: boolean }): Promise<boolean>;
  /** For `given`. */
  random(): string;
  /** The 8 digits. `undefined`: none was mailed, or the key that made it is no longer live. */
  digits(row: TypedAddressCode): string | undefined;
}

export interface TypedAddressCodesNeeds {
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly settings: Settings;
  readonly site: string;
}

export function createTypedAddressCodes({
  keys,
  clock,
  random,
  limits,
  settings,
  site,
}: TypedAddressCodesNeeds): TypedAddressCodes {
  const fresh = (now: number) => ({
    code_random: noCode,
    code_key_id: keys.currentId,
    code_expires_at: now + settings.codeLifeMinutes * minuteMs,
  });

  const digits: TypedAddressCodes['digits'] = ({ id, code_random, code_key_id }) =>
    code_random === noCode
      ? undefined
      : deriveCode(keys, { subjectId: id, generation: 1, random: code_random, keyId: code_key_id, digits: 8 });

  const mailboxOf = (address: string) => keys.hash('mailbox', site, addressKey(address) ?? address);

  return {
    digits,
    mailboxOf,
    random: () => randomToken(random),

    begin() {
      const now = clock.now();
      return { ...fresh(now), mail_asked_at: now, tries: 0 };
    },

    askAgain(row) {
      const now = clock.now();
      const freeAt = row.mail_asked_at + resendWaitMs;
      if (now < freeAt) return refuse('resend-soon', freeAt - now);
      return accept({ changes: { ...(now < row.code_expires_at ? {} : fresh(now)), mail_asked_at: now } });
    },

    async read(row, { typed, source }) {
      const read = readCode(typed);
      if (!read.ok) return read;
      if (clock.now() >= row.code_expires_at) return refuse('code-expired');
      const within = await limits.take('code-try', source);
      return within.ok ? read : within;
    },

    isRight(row, code) {
      const mailed = digits(row);
      return mailed !== undefined && isEqualSecret(mailed, code);
    },

    mayMail: async (address, { isRetry }) =>
      isRetry || (await takeTypedMail(limits, { mailbox: mailboxOf(address), site })),
  };
}
