// Support cases: how a person whose trouble is bigger than a mailed code reaches the site without signing in. What it
// says is the same for accounts that do not exist; opening one changes nothing about any account.
import type { Audit } from '../audit/audit.ts';
import { type Clock, hourMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database } from '../database/database.ts';
import type { HumanCheck } from '../human-check/check.ts';
import { levelFor } from '../human-check/ladder.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Refusal } from '../refusals.ts';

/** What the trouble is. `other` is last, where a person looks who did not find it. */
export const caseKinds = ['mailbox-lost', 'no-mail', 'taken-over', 'factor-lost', 'owner-died', 'other'] as const;
export type CaseKind = (typeof caseKinds)[number];

export const isCaseKind = (text: string): text is CaseKind => caseKinds.some((kind) => kind === text);

export interface CaseForm {
  readonly kind: string;
  /** What happened, in the person's own words. */
  readonly words: string;
  /** Where an answer reaches the person: an address, already read. */
  readonly contact: string;
  /** The recovery that it came from, if one is open in this browser. */
  readonly recoveryId: string | null;
  readonly checkHandle: string;
  readonly source: string;
  readonly locale: Locale;
}

export interface OpenedCase {
  /** Random and no secret. */
  readonly number: string;
  /** 16 letters and digits; shown once, kept only as a keyed hash. */
  readonly code: string;
}

export interface Cases {
  open(form: CaseForm): Promise<Outcome<OpenedCase, Refusal>>;
}

export interface CasesDependencies {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly limits: Limits;
  readonly humanCheck: HumanCheck;
  readonly settings: Settings;
  readonly site: string;
}

export const maxWords = 4_000;

/** Without 0/O, 1/I/L, 2/Z, 5/S, 8/B and U: read out on the phone without slips. 24 characters: a byte below 240 picks evenly. */
const alphabet = 'ACDEFGHJKMNPQRTVWXY34679';

export function createCases({
  db,
  keys,
  clock,
  random,
  audit,
  limits,
  humanCheck,
  settings,
  site,
}: CasesDependencies): Cases {
  function randomText(length: number): string {
    let text = '';
    while (text.length < length) {
      for (const byte of random.bytes(length)) {
        if (byte < 240 && text.length < length) text += alphabet[byte % alphabet.length] ?? '';
      }
    }
    return text;
  }

  return {
    async open({ kind, words, contact, recoveryId, checkHandle, source, locale }) {
      if (!isCaseKind(kind)) return refuse('case-kind-missing');
      if (words.trim() === '') return refuse('case-words-missing');
      if (words.length > maxWords) return refuse('case-words-long');
      const within = await limits.take('case-open', source);
      if (!within.ok) return within;
      const now = clock.now();
      const number = randomText(9);
      const code = randomText(16);
      const id = randomToken(random);
      return db.write(async (tx) => {
        const passed = await humanCheck.spend(tx, { handle: checkHandle, purpose: 'case' }, levelFor({}));
        if (!passed.ok) return passed;
        await tx
          .insertInto('cases')
          .values({
            id,
            site,
            number,
            code_hash: keys.hash('case-code', number, code),
            kind,
            state: 'received',
            version: 1,
            words_sealed: keys.seal(words),
            contact_sealed: keys.seal(contact),
            recovery_id: recoveryId,
            locale,
            promised_at: now + settings.supportHours * hourMs,
            created_at: now,
            ended_at: null,
          })
          .execute();
        await audit.append(tx, { event: 'case.opened', subjectId: id, source, facts: { kind } });
        return accept({ number, code });
      });
    },
  };
}
