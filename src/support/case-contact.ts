// The contact of a case: an address that somebody typed, until the code mailed to it is typed in a browser that follows
// the case. The case does not wait for it. Every rule of a mailed code holds here (D2, D3), and those of D8: few mails, no
// word of whoever asked in them, no link into an account.
import { readAddress } from '../accounts/identifiers.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import type { Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Limits } from '../limits/limits.ts';
import type { Entry, Outbox } from '../mail/outbox.ts';
import { maxTries } from '../proofs/email-code.ts';
import type { TypedAddressCodes } from '../proofs/typed-address.ts';
import type { Refusal } from '../refusals.ts';
import {
  askContactAgain,
  type CaseRow,
  confirmContact,
  type ContactRow,
  findContact,
  findContactAndCase,
  giveContactCode,
  insertContact,
  replaceContact,
  takeContactTry,
} from './case-rows.ts';
import { caseMailLifeMs } from './policy.ts';

/** A contact as its case's pages show it. Times in UTC epoch ms. */
export interface CaseContact {
  readonly address: string;
  readonly isConfirmed: boolean;
  readonly codeExpiresAt: number;
  readonly mailAskedAt: number;
  /** No code can be right any more: the address has to be given once more. */
  readonly areTriesUsed: boolean;
}

export interface CaseContacts {
  /** The contact that counts now; `undefined` once it was deleted. */
  contactOf(of: CaseRow): Promise<CaseContact | undefined>;
  /** The code that was mailed to the contact. Confirmed already is as good as confirmed now. */
  confirmContact(of: CaseRow, request: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** The mail once more: the same code while it lives, a new one once it has expired. Tries are not given back. */
  askContactAgain(of: CaseRow): Promise<Outcome<unknown, Refusal>>;
  /** Another address in the place of one that is not confirmed; the same one gets new tries. */
  changeContact(of: CaseRow, request: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** What the worker mails to a contact, within what a typed address may receive (D8). `undefined`: over, or too many. */
  prepareMail(
    entry: Pick<Entry, 'kind' | 'subjectId' | 'isRetry'>,
  ): Promise<
    { address: string; code: string | undefined; codeExpiresAt: number; number: string; promisedAt: number } | undefined
  >;
}

export interface CaseContactsNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly limits: Limits;
  readonly addressCodes: TypedAddressCodes;
  readonly settings: Pick<Settings, 'supportHours'>;
  readonly site: string;
}

/** Of use to who opens a case; the others see the contact through its case. */
export interface NewContacts extends CaseContacts {
  /** Inserts the contact of a case and has its code mailed. */
  add(tx: Transaction, of: CaseRow, address: string): Promise<void>;
  /** Has a mail sent to the contact of the case, if it is confirmed. */
  tell(tx: Transaction, of: CaseRow, kind: 'case-opened' | 'case-moved'): Promise<void>;
}

export function createCaseContacts({
  db,
  keys,
  clock,
  random,
  audit,
  outbox,
  limits,
  addressCodes,
  site,
}: CaseContactsNeeds): NewContacts {
  const mail = (
    tx: Transaction,
    of: CaseRow,
    order: { kind: 'case-code' | 'case-opened' | 'case-moved'; contactId: string; expiresAt: number },
  ) =>
    outbox.enqueue(tx, {
      kind: order.kind,
      subjectId: order.contactId,
      locale: storedLocale(of.locale),
      expiresAt: order.expiresAt,
    });

  async function add(tx: Transaction, of: CaseRow, address: string): Promise<void> {
    const now = clock.now();
    const row: ContactRow = {
      id: randomToken(random),
      site,
      case_id: of.id,
      address_sealed: keys.seal(address),
      address_hash: addressCodes.mailboxOf(address),
      ...addressCodes.begin(),
      version: 1,
      created_at: now,
      confirmed_at: null,
      replaced_at: null,
      owners_told_at: null,
    };
    await insertContact(tx, row);
    await mail(tx, of, { kind: 'case-code', contactId: row.id, expiresAt: row.code_expires_at });
  }

  return {
    add,

    async tell(tx, of, kind) {
      const contact = await findContact(tx, of.id);
      if (!contact || contact.confirmed_at === null) return;
      await mail(tx, of, { kind, contactId: contact.id, expiresAt: clock.now() + caseMailLifeMs });
    },

    async contactOf(of) {
      const row = await findContact(db.read, of.id);
      return (
        row && {
          address: keys.open(row.address_sealed) ?? '',
          isConfirmed: row.confirmed_at !== null,
          codeExpiresAt: row.code_expires_at,
          mailAskedAt: row.mail_asked_at,
          areTriesUsed: row.confirmed_at === null && row.tries >= maxTries,
        }
      );
    },

    async confirmContact(of, { typed, source }) {
      const contact = await findContact(db.read, of.id);
      if (!contact) return refuse('case-state');
      if (contact.confirmed_at !== null) return accept();
      const read = await addressCodes.read(contact, { typed, source });
      if (!read.ok) return read;
      return db.write(async (tx) => {
        const tried = await takeContactTry(tx, contact.id);
        if (!tried) return (await findContact(tx, of.id))?.confirmed_at ? accept() : refuse('tries-used');
        if (!addressCodes.isRight(tried, read.code)) {
          await audit.append(tx, { event: 'case.contact_code_wrong', subjectId: of.id, source });
          return refuse(tried.tries >= maxTries ? 'tries-used' : 'code-wrong');
        }
        await confirmContact(tx, tried.id, clock.now());
        await audit.append(tx, { event: 'case.contact_confirmed', subjectId: of.id, source });
        await mail(tx, of, {
          kind: 'case-opened',
          contactId: tried.id,
          expiresAt: clock.now() + caseMailLifeMs,
        });
        return accept();
      });
    },

    async askContactAgain(of) {
      const contact = await findContact(db.read, of.id);
      if (!contact) return refuse('case-state');
      if (contact.confirmed_at !== null) return accept();
      const again = addressCodes.askAgain(contact);
      if (!again.ok) return again;
      return db.write(async (tx) => {
        const asked = await askContactAgain(tx, contact, again.changes);
        if (!asked) return refuse('recovery-moved');
        await mail(tx, of, { kind: 'case-code', contactId: asked.id, expiresAt: asked.code_expires_at });
        return accept();
      });
    },

    async changeContact(of, { typed, source }) {
      const read = readAddress(typed);
      if (!read.ok) return read;
      const contact = await findContact(db.read, of.id);
      if (!contact || contact.confirmed_at !== null) return refuse('case-state');
      const within = await limits.take('case-contact', keys.hash('case-try', of.id));
      if (!within.ok) return within;
      return db.write(async (tx) => {
        if (!(await replaceContact(tx, contact.id, clock.now()))) return refuse('case-state');
        await add(tx, of, read.address);
        await audit.append(tx, { event: 'case.contact_changed', subjectId: of.id, source });
        return accept();
      });
    },

    async prepareMail({ kind, subjectId, isRetry }) {
      const found = await findContactAndCase(db, subjectId);
      const address = found && keys.open(found.contact.address_sealed);
      if (!found || !address) return undefined;
      const { contact, of } = found;
      const facts = { address, number: of.number, promisedAt: of.promised_at, codeExpiresAt: contact.code_expires_at };
      if (kind !== 'case-code') return contact.confirmed_at === null ? undefined : { ...facts, code: undefined };
      if (contact.confirmed_at !== null) return undefined;
      if (!(await addressCodes.mayMail(address, { isRetry }))) return undefined;
      const mailed = await db.write((tx) => giveContactCode(tx, contact.id, addressCodes.random()));
      return mailed && { ...facts, code: addressCodes.digits(mailed), codeExpiresAt: mailed.code_expires_at };
    },
  };
}
