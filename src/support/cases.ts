// Support cases: how a person whose trouble is bigger than a mailed code reaches the site without signing in. What it
// says is the same for accounts that do not exist; opening one changes nothing about any account.
import { readIdentifier } from '../accounts/identifiers.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Transaction } from '../database/database.ts';
import type { HumanCheck } from '../human-check/check.ts';
import type { Locale } from '../i18n/translate.ts';
import type { Refusal } from '../refusals.ts';
import { type CaseContacts, createCaseContacts } from './case-contact.ts';
import { advanceCase, type CaseEvent } from './case-flow.ts';
import { caseCodeLength, numberLength, randomText, readCaseCode, readCaseNumber } from './case-number.ts';
import { type CaseMessages, createCaseMessages } from './case-messages.ts';
import { type CasePictures, createCasePictures } from './case-pictures.ts';
import { type CaseProofs, type CaseProofsNeeds, createCaseProofs } from './case-proofs.ts';
import {
  type CaseRow,
  type CasesOver,
  correctCase,
  deleteCases,
  emptyCases,
  findCaseByHandle,
  findCaseByNumber,
  insertCase,
  insertHandle,
  moveCase,
  nameCase,
  noteAnswered,
  touchCase,
} from './case-rows.ts';
import type { ReadPicture } from './pictures.ts';
import { caseHandleLifeMs, dueFrom } from './policy.ts';

export type { CaseContact } from './case-contact.ts';
export type { CaseMessage, WrittenMessage } from './case-messages.ts';
export type { CaseRow } from './case-rows.ts';

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
  /** Whose account it is about: whatever the person typed, perhaps nothing. */
  readonly identifier: string;
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
  /** For the browser that opened it. */
  readonly handle: string;
}

export interface Cases extends CaseContacts, CaseMessages, CaseProofs, CasePictures {
  open(form: CaseForm): Promise<Outcome<OpenedCase, Refusal>>;
  /** Follows a case in another browser. A wrong pair and an unknown number are the same. */
  enter(request: {
    number: string;
    code: string;
    source: string;
  }): Promise<Outcome<{ number: string; handle: string }, Refusal>>;
  /** For the desk: the case with this number. */
  byNumber(number: string): Promise<CaseRow | undefined>;
  /** Has the confirmed contact told that there is news. */
  tellNews(tx: Transaction, of: CaseRow): Promise<void>;
  /** The same of what was decided without words: the person has an answer, and nothing is due until they write. */
  answer(tx: Transaction, of: CaseRow): Promise<void>;
  /** The case that this browser follows. */
  find(handle: string | undefined): Promise<CaseRow | undefined>;
  /** Says whose account an open case is about, where its person had not said so. */
  nameAccount(
    of: CaseRow,
    request: { readonly identifier: string; readonly source: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** Says, once, that it is about another account: what was proved of the first is gone, and the desk sees both. */
  correctAccount(
    of: CaseRow,
    request: { readonly identifier: string; readonly source: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** The person writes to the desk: an answer, or what else there is to say. After a decision the case is looked at again. */
  write(of: CaseRow, request: { readonly words: string; readonly source: string }): Promise<Outcome<unknown, Refusal>>;
  /** One move along the flow table, guarded by the version that was read; a mail tells the contact that there is news. */
  move(
    tx: Transaction,
    from: CaseRow,
    event: CaseEvent,
    by?: {
      readonly source?: string;
      readonly facts?: Readonly<Record<string, string | number>>;
      /** `caller`: whoever moves it tells the contact in words of its own. */
      readonly toldBy?: 'case' | 'caller';
    },
  ): Promise<Outcome<{ moved: CaseRow }, 'case-state'>>;
  /** Deletes the words, contacts and recovery of these cases and closes them: number and code go on answering, in words. */
  empty(tx: Transaction, ids: readonly string[]): Promise<void>;
  /** Deletes what was over before these times. */
  forget(before: CasesOver): Promise<void>;
}

export interface CasesNeeds extends CaseProofsNeeds {
  /** `undefined`: no pictures are taken. */
  readonly readPicture: ReadPicture | undefined;
  readonly humanCheck: HumanCheck;
}

export const maxWords = 4_000;
/** As long as an address may be. */
export const maxIdentifierLength = 254;

/** What somebody wrote: not nothing, and not too long. */
export function readWords(words: string): Outcome<unknown, 'case-words-missing' | 'case-words-long'> {
  if (words.trim() === '') return refuse('case-words-missing');
  return words.length > maxWords ? refuse('case-words-long') : accept();
}

export function createCases(needs: CasesNeeds): Cases {
  const { db, keys, clock, random, audit, limits, humanCheck, settings, site } = needs;
  const contacts = createCaseContacts(needs);
  const messages = createCaseMessages(needs);
  const proofs = createCaseProofs(needs);
  const pictures = createCasePictures(needs);
  /** What the code of an unknown number is compared with. */
  const decoyHash = keys.hash('case-code', '', randomToken(random));

  async function follow(tx: Transaction, { id }: CaseRow): Promise<string> {
    const handle = randomToken(random);
    const now = clock.now();
    await insertHandle(tx, {
      id: randomToken(random),
      site,
      case_id: id,
      handle_hash: keys.hash('case-handle', handle),
      created_at: now,
      expires_at: now + caseHandleLifeMs,
    });
    return handle;
  }

  const move: Cases['move'] = async (tx, from, event, { source, facts = {}, toldBy = 'case' } = {}) => {
    const advanced = advanceCase(from.state, event);
    if (!advanced.ok) return advanced;
    const now = clock.now();
    const isDecided = advanced.to === 'decided';
    const moved = await moveCase(tx, from, {
      state: advanced.to,
      ended_at: isDecided ? now : null,
      ...(isDecided && { decided_at: from.decided_at ?? now }),
      ...(from.state === 'decided' && { reopened_at: now, due_at: dueFrom(now, settings) }),
    });
    if (!moved) return refuse('case-state');
    await audit.append(tx, {
      event: 'case.moved',
      subjectId: moved.id,
      ...(source !== undefined && { source }),
      facts: { ...facts, event, to: moved.state },
    });
    if (advanced.isNews && toldBy === 'case') await contacts.tell(tx, moved, 'case-moved');
    return accept({ moved });
  };

  return {
    ...contacts,
    ...messages,
    ...proofs,
    ...pictures,
    byNumber: (number) => findCaseByNumber(db, site, number),
    tellNews: (tx, of) => contacts.tell(tx, of, 'case-moved'),
    async answer(tx, of) {
      const now = clock.now();
      await touchCase(tx, of.id, { author: 'desk', at: now });
      await noteAnswered(tx, of.id, now);
      await contacts.tell(tx, of, 'case-moved');
    },
    move,

    async open({ kind, words, contact, identifier, recoveryId, checkHandle, source, locale }) {
      if (!isCaseKind(kind)) return refuse('case-kind-missing');
      const read = readWords(words);
      if (!read.ok) return read;
      if (identifier.length > maxIdentifierLength) return refuse('identifier-shape');
      const named = readIdentifier(identifier);
      const within = await limits.take('case-open', source);
      if (!within.ok) return within;
      const now = clock.now();
      const number = randomText(random, numberLength);
      const code = randomText(random, caseCodeLength);
      const opened: CaseRow = {
        id: randomToken(random),
        site,
        number,
        code_hash: keys.hash('case-code', number, code),
        kind,
        state: 'received',
        version: 1,
        words_sealed: keys.seal(words),
        recovery_id: recoveryId,
        locale,
        promised_at: dueFrom(now, settings),
        due_at: dueFrom(now, settings),
        created_at: now,
        ended_at: null,
        emptied_at: null,
        agent_id: null,
        last_author: 'person',
        last_at: now,
        answered_at: null,
        identifier_sealed: identifier.trim() === '' ? '' : keys.seal(identifier.trim()),
        identifier_hash: named.ok ? keys.hash('identifier', site, named.kind, named.key) : '',
        decided_at: null,
        reopened_at: null,
        corrected_at: null,
        earlier_sealed: null,
        earlier_hash: null,
      };
      const level = await humanCheck.levelNeeded(0);
      return db.write(async (tx) => {
        const passed = await humanCheck.spend(tx, { handle: checkHandle, purpose: 'case' }, level);
        if (!passed.ok) return passed;
        await insertCase(tx, opened);
        await contacts.add(tx, opened, contact);
        await audit.append(tx, { event: 'case.opened', subjectId: opened.id, source, facts: { kind } });
        return accept({ number, code, handle: await follow(tx, opened) });
      });
    },

    async enter({ number, code, source }) {
      const readNumber = readCaseNumber(number);
      if (!readNumber.ok) return readNumber;
      const readCode = readCaseCode(code);
      if (!readCode.ok) return readCode;
      // Of the network over all cases, so that made-up numbers leave few counters behind; then of this number there. By
      // number alone, a stranger could keep the person out.
      for (const [limit, who] of [
        ['code-try', source],
        ['case-try', keys.hash('case-try', readNumber.number, source)],
      ] as const) {
        const within = await limits.take(limit, who);
        if (!within.ok) return within;
      }
      const found = await findCaseByNumber(db, site, readNumber.number);
      const isRight = keys.matches('case-code', found?.code_hash ?? decoyHash, readNumber.number, readCode.code);
      return db.write(async (tx) => {
        if (!found || !isRight) {
          await audit.append(tx, {
            event: 'case.code_wrong',
            source,
            ...(found && { subjectId: found.id }),
          });
          return refuse('case-pair-wrong');
        }
        await audit.append(tx, { event: 'case.code_right', subjectId: found.id, source });
        return accept({ number: found.number, handle: await follow(tx, found) });
      });
    },

    find: async (handle) =>
      handle ? findCaseByHandle(db, keys.hashes('case-handle', handle), clock.now()) : undefined,

    async nameAccount(of, { identifier, source }) {
      const named = readIdentifier(identifier);
      if (!named.ok) return named;
      return db.write(async (tx) => {
        const is = await nameCase(tx, of.id, {
          identifier_sealed: keys.seal(identifier.trim()),
          identifier_hash: keys.hash('identifier', site, named.kind, named.key),
        });
        if (!is) return refuse('case-state');
        await audit.append(tx, { event: 'case.account_named', subjectId: of.id, source });
        return accept();
      });
    },

    async correctAccount(of, { identifier, source }) {
      const named = readIdentifier(identifier);
      if (!named.ok) return named;
      // The same once more corrects nothing, and does not use up the one time.
      if (keys.hashes('identifier', site, named.kind, named.key).includes(of.identifier_hash)) return accept();
      const name = {
        identifier_sealed: keys.seal(identifier.trim()),
        identifier_hash: keys.hash('identifier', site, named.kind, named.key),
      };
      return db.write(async (tx) => {
        const now = clock.now();
        if (!(await correctCase(tx, of, name, { now, dueAt: dueFrom(now, settings) }))) return refuse('case-state');
        await audit.append(tx, { event: 'case.account_corrected', subjectId: of.id, source });
        return accept();
      });
    },

    async write(of, { words, source }) {
      const read = readWords(words);
      if (!read.ok) return read;
      const within = await limits.take('case-message', keys.hash('case-try', of.id));
      if (!within.ok) return within;
      return db.write(async (tx) => {
        const written = await messages.add(tx, of, words, { author: 'person' });
        if (!written) return refuse('case-state');
        await audit.append(tx, { event: 'case.message_written', subjectId: of.id, source });
        const isAwaited = advanceCase(written.state, 'answered').ok;
        return isAwaited ? move(tx, written, 'answered', { source }) : accept();
      });
    },

    empty: (tx, ids) => emptyCases(tx, ids, clock.now()),
    forget: (before) => deleteCases(db, before, clock.now()),
  };
}
