// How the person of a case shows that an account is theirs: a code read at an address on file, a code of its second factor, or
// a browser that it knows. Whatever is shown, right or wrong, of an account or of none, the answer is the same, and so are the
// statements; what was proved is for the desk alone (D5, D13). Every try is counted before it is compared.
import { type AccountDirectory, type DirectoryAddress } from '../accounts/directory.ts';
import { readAddress } from '../accounts/identifiers.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Transaction } from '../database/database.ts';
import { storedLocale } from '../i18n/translate.ts';
import type { Entry } from '../mail/outbox.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import { maxTries } from '../proofs/email-code.ts';
import { readProofCode } from '../proofs/totp.ts';
import type { Refusal } from '../refusals.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { CaseContactsNeeds } from './case-contact.ts';
import {
  type AddressCodeRow,
  askAddressAgain,
  type CaseRow,
  findAddressCode,
  findAddressCodeAndCase,
  giveAddressCode,
  replaceAddressCode,
  takeAddressTry,
  touchCase,
} from './case-rows.ts';
import { type EvidenceKind, insertEvidence } from './evidence.ts';
import { accountsNamed } from './named-accounts.ts';
import { dueFrom, provedAtMost, type ProofWay, settledBefore } from './policy.ts';

/** The address that a code was asked to, as its case's page shows it. Times in UTC epoch ms. */
export interface AskedAddress {
  readonly address: string;
  readonly codeExpiresAt: number;
  readonly mailAskedAt: number;
}

export interface ProofMail {
  readonly address: string;
  /** 8 digits. */
  readonly code: string;
  readonly codeExpiresAt: number;
  readonly number: string;
}

export interface CaseProofs {
  /** What the person typed to say whose account it is; empty: nothing, or it was deleted. */
  identifierOf(of: CaseRow): string;
  /** The address that a code was asked to last. */
  askedAddressOf(of: CaseRow): Promise<AskedAddress | undefined>;
  /** Has a code mailed to the address, if it is on file. The same address again within its life: the same code. */
  askAddress(of: CaseRow, request: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** The code of that mail. */
  proveAddress(of: CaseRow, request: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** Two codes of the authenticator app that follow each other, or a spare code; spent if right. Nobody guesses them, so no account has a count that strangers could use up. */
  proveCode(of: CaseRow, request: { typed: string; source: string }): Promise<Outcome<unknown, Refusal>>;
  /** That this browser is signed in to the account, or was: worth something beside another proof alone. */
  proveBrowser(
    of: CaseRow,
    request: { session: string | undefined; device: string | undefined; source: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** What the worker mails to an address on file. */
  prepareProofMail(
    entry: Pick<Entry, 'subjectId' | 'addressId' | 'isRetry'>,
  ): Promise<ProofMail | { readonly withheld: 'over' | 'capped' | 'silent' }>;
}

export interface CaseProofsNeeds extends CaseContactsNeeds {
  readonly directory: AccountDirectory;
  readonly authenticator: Pick<Authenticator, 'prove'>;
  readonly sessions: Pick<Sessions, 'find'>;
  readonly devices: Pick<Devices, 'find'>;
  /** Whether the owner of a mailbox (its keyed hash) asked for silence. */
  readonly isSilent: (mailboxHash: string) => Promise<boolean>;
}

/** An account that a proof is compared with; a decoy where the case names none. */
interface Candidate {
  readonly id: string;
  /** UTC epoch ms: what was added later proves nothing. */
  readonly addedBefore: number;
}

interface Proved {
  readonly accountId: string;
  readonly kind: EvidenceKind;
  readonly sourceId: string;
}

/** No account has it. */
const nobody = 'nobody';

export function createCaseProofs({
  db,
  keys,
  clock,
  random,
  audit,
  outbox,
  limits,
  addressCodes,
  directory,
  authenticator,
  sessions,
  devices,
  isSilent,
  settings,
  site,
}: CaseProofsNeeds): CaseProofs {
  const isOpen = (of: CaseRow) => of.emptied_at === null && of.state !== 'decided';

  const identifierOf = ({ identifier_sealed: sealed }: CaseRow) => keys.open(sealed) ?? '';

  async function candidatesOf(of: CaseRow): Promise<Candidate[]> {
    const named = await accountsNamed(directory, identifierOf(of));
    // Always as many, or an email that several accounts share would take longer than one that nobody has.
    const ids = Array.from({ length: provedAtMost }, (_, at) => named[at]?.id ?? nobody);
    return Promise.all(
      ids.map(async (id) => {
        const account = await directory.find(id);
        return { id, addedBefore: settledBefore(account?.createdAt ?? clock.now(), clock.now()) };
      }),
    );
  }

  /** Counts the try, of the network and of the case, before anything is looked at. */
  async function takeTry(of: CaseRow, source: string): Promise<Outcome<unknown, Refusal>> {
    if (!isOpen(of)) return refuse('case-state');
    const within = await limits.take('code-try', source);
    return within.ok ? limits.take('case-proof', keys.hash('case-try', of.id)) : within;
  }

  /** Keeps what `compare` found, in the transaction that compared it. Right or wrong, the case is touched and told the same. */
  const keep = (
    of: CaseRow,
    { way, source }: { readonly way: ProofWay; readonly source: string },
    compare: (tx: Transaction) => Promise<readonly Proved[]>,
  ): Promise<Outcome<unknown, Refusal>> =>
    db.write(async (tx) => {
      const touched = await touchCase(tx, of.id, {
        author: 'person',
        at: clock.now(),
        dueAt: dueFrom(clock.now(), settings),
      });
      // What is compared is of the account that was named when the case was read.
      if (!touched || !isOpen(touched) || touched.identifier_sealed !== of.identifier_sealed)
        return refuse('case-state');
      const proofs = await compare(tx);
      for (const proved of proofs) {
        const { accountId, kind } = proved;
        await insertEvidence(tx, { ...proved, id: randomToken(random), site, caseId: of.id, now: clock.now() });
        await audit.append(tx, { event: 'case.proved', subjectId: of.id, accountId, source, facts: { kind } });
      }
      if (proofs.length === 0)
        await audit.append(tx, { event: 'case.proof_wrong', subjectId: of.id, source, facts: { way } });
      return accept();
    });

  /** The address on file of one of the candidates that has been there for long enough, and opens something. */
  async function addressOnFile(candidates: readonly Candidate[], key: string): Promise<DirectoryAddress | undefined> {
    const lists = await Promise.all(
      candidates.map(async ({ id, addedBefore }) =>
        (await directory.addressesOf(id)).filter(
          ({ confirmedAt, noticesOnlySince }) => confirmedAt <= addedBefore && noticesOnlySince === null,
        ),
      ),
    );
    return lists.flat().find((address) => address.key === key);
  }

  const order = (tx: Transaction, of: CaseRow, { id, address_id, code_expires_at }: AddressCodeRow) =>
    outbox.enqueue(tx, {
      kind: address_id === null ? 'none' : 'case-proof',
      subjectId: id,
      addressId: address_id,
      locale: storedLocale(of.locale),
      expiresAt: code_expires_at,
    });

  return {
    identifierOf,

    async askedAddressOf(of) {
      const row = await findAddressCode(db.read, of.id);
      return (
        row && {
          address: keys.open(row.address_sealed) ?? '',
          codeExpiresAt: row.code_expires_at,
          mailAskedAt: row.mail_asked_at,
        }
      );
    },

    async askAddress(of, { typed, source }) {
      const read = readAddress(typed);
      if (!read.ok) return read;
      if (!isOpen(of)) return refuse('case-state');
      const asked = await findAddressCode(db.read, of.id);
      const again = asked && addressCodes.askAgain(asked);
      if (again && !again.ok) return again;
      const within = await limits.take('case-proof-mail', keys.hash('case-try', of.id));
      if (!within.ok) return within;
      const onFile = await addressOnFile(await candidatesOf(of), read.key);
      const isSame = asked !== undefined && keys.open(asked.address_sealed) === read.address && asked.tries < maxTries;
      return db.write(async (tx) => {
        const row =
          isSame && again
            ? await askAddressAgain(tx, asked, { ...again.changes, address_id: onFile?.id ?? null })
            : await replaceAddressCode(tx, asked, {
                id: randomToken(random),
                site,
                case_id: of.id,
                address_sealed: keys.seal(read.address),
                address_id: onFile?.id ?? null,
                ...addressCodes.begin(),
                version: 1,
                created_at: clock.now(),
                replaced_at: null,
              });
        // Somebody asked in another window at this moment.
        if (!row) return refuse('recovery-moved');
        await order(tx, of, row);
        await audit.append(tx, { event: 'case.proof_asked', subjectId: of.id, source });
        return accept();
      });
    },

    async proveAddress(of, { typed, source }) {
      const asked = await findAddressCode(db.read, of.id);
      if (!asked || !isOpen(of)) return refuse('case-state');
      const read = await addressCodes.read(asked, { typed, source });
      if (!read.ok) return read;
      const within = await limits.take('case-proof', keys.hash('case-try', of.id));
      if (!within.ok) return within;
      const candidates = await candidatesOf(of);
      const address = await directory.findAddress(asked.address_id ?? nobody);
      const holders = await Promise.all(
        candidates.map(async (candidate) => (await addressOnFile([candidate], address?.key ?? '')) ?? []),
      );
      return keep(of, { way: 'address', source }, async (tx) => {
        const tried = await takeAddressTry(tx, asked.id);
        if (!tried || !addressCodes.isRight(tried, read.code)) return [];
        return holders.flat().map(({ id, accountId }) => ({ accountId, kind: 'other-address', sourceId: id }));
      });
    },

    async proveCode(of, { typed, source }) {
      const read = readProofCode(typed);
      if (!read.ok) return read;
      const within = await takeTry(of, source);
      if (!within.ok) return within;
      const { code } = read;
      const candidates = await candidatesOf(of);
      return keep(of, { way: 'code', source }, async (tx) => {
        const proved: Proved[] = [];
        for (const { id: accountId, addedBefore } of candidates) {
          const sourceId = await authenticator.prove(tx, { accountId, code, addedBefore });
          const kind = code.kind === 'spare' ? 'spare-code' : 'authenticator';
          if (sourceId !== undefined) proved.push({ accountId, kind, sourceId });
        }
        return proved;
      });
    },

    async proveBrowser(of, { session: token = '', device, source }) {
      const within = await takeTry(of, source);
      if (!within.ok) return within;
      const session = await sessions.find(token);
      const proved: Proved[] = [];
      for (const { id: accountId, addedBefore } of await candidatesOf(of)) {
        if (session?.accountId === accountId && session.createdAt <= addedBefore)
          proved.push({ accountId, kind: 'session', sourceId: session.id });
        const known = await devices.find(device, accountId);
        if (known && known.createdAt <= addedBefore) proved.push({ accountId, kind: 'device', sourceId: known.id });
      }
      return keep(of, { way: 'browser', source }, async () => proved);
    },

    async prepareProofMail({ subjectId, addressId, isRetry }) {
      const found = await findAddressCodeAndCase(db, subjectId);
      const address = await directory.findAddress(addressId ?? nobody);
      if (!found || !address || !isOpen(found.of)) return { withheld: 'over' };
      const mailbox = addressCodes.mailboxOf(address.address);
      if (await isSilent(mailbox)) return { withheld: 'silent' };
      // Counted once: the retry of a mail is the same mail.
      if (!isRetry && !(await limits.take('mail-case-proof', mailbox)).ok) return { withheld: 'capped' };
      const given = await db.write((tx) => giveAddressCode(tx, found.row.id, addressCodes.random()));
      const code = given && addressCodes.digits(given);
      return given && code !== undefined
        ? { address: address.address, code, codeExpiresAt: given.code_expires_at, number: found.of.number }
        : { withheld: 'over' };
    },
  };
}
