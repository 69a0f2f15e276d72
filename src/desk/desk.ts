// The support desk: what agents see of cases and do about them. Nothing here opens an account, shows a code or sets a
// password (D13). Whatever an agent does is one transaction with its audit event, and holds only while the case is what the
// agent saw and theirs.
import type { AccountDirectory, AccountState } from '../accounts/directory.ts';
import { readAddress, readIdentifier } from '../accounts/identifiers.ts';
import type { Agent, Agents } from '../agents/agents.ts';
import type { Audit } from '../audit/audit.ts';
import { type Clock, dayMs } from '../base/clock.ts';
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import type { Keys } from '../base/secret.ts';
import type { Database } from '../database/database.ts';
import { activityForDesk, type DeskActivity, eventsForDesk } from '../own-account/activity.ts';
import type { Authenticator } from '../proofs/authenticator.ts';
import type { Refusal } from '../refusals.ts';
import { type CaseReleases, type Releases, toldState } from '../releases/releases.ts';
import type { CasePicture } from '../support/case-pictures.ts';
import type { CaseState } from '../support/case-flow.ts';
import { holdCase, noteAnswered } from '../support/case-rows.ts';
import { readCaseNumber } from '../support/case-number.ts';
import { type EvidenceKind, provenOf } from '../support/evidence.ts';
import { accountsNamed, findAccountsNamed } from '../support/named-accounts.ts';
import { type CaseRow, type Cases, readWords, type WrittenMessage } from '../support/cases.ts';
import { type Act, type ActName, acts } from './acts.ts';
import {
  type CaseLine,
  contactsOf,
  countCases,
  findRelatedCases,
  heldAmong,
  listCases,
  type MailLine,
  mailsOf,
  mailSubjectsOf,
  newsSince,
  pageSize,
  type Place,
  type QueueView,
  recoveryMailsOf,
} from './desk-rows.ts';
import { countFigures } from './figure-rows.ts';
import { type FigureDays, type Figures, firstDayOf, figuresOf } from './figures.ts';
import { maskAddress } from './mask.ts';
import type { Signal } from './signals.ts';
import type { Watch } from './watch.ts';

/** A line of a list. Times in UTC epoch ms. */
export interface ListedCase {
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  /** The word for it, the same that the person reads. */
  readonly told: CaseState;
  /** The person's language. */
  readonly locale: string;
  readonly openedAt: number;
  /** What was promised at the opening, or counted anew from when the person wrote again. */
  readonly dueAt: number;
  /** When the desk first wrote; `null`: not yet. */
  readonly answeredAt: number | null;
  readonly isPersonLast: boolean;
  /** Who works on it. */
  readonly agent: string | null;
}

export interface Queue {
  readonly cases: readonly ListedCase[];
  readonly next: Place | undefined;
  readonly counts: Readonly<Record<QueueView, number>>;
}

/** A mail and how it went. */
export interface SeenMail {
  readonly kind: string;
  readonly state: string;
  /** UTC epoch ms. */
  readonly at: number;
}

/** An account that has the identifier of the case, whether or not a recovery can open it. */
export interface NamedAccount {
  readonly userId: string;
  readonly state: AccountState;
  readonly createdAt: number;
  readonly passwordChangedAt: number | null;
  readonly hasAuthenticator: boolean;
  /** What the person of the case proved of it. */
  readonly proven: readonly EvidenceKind[];
  /** Masked, but where an agent gave a reason. A release sets addresses aside: they get notices alone. */
  readonly addresses: readonly { readonly address: string; readonly isSetAside: boolean }[];
  /** What happened lately, the newest first. */
  readonly activity: readonly DeskActivity[];
  /** How its recovery mails went, the newest first. */
  readonly mails: readonly SeenMail[];
}

export interface DeskCase extends ListedCase {
  readonly version: number;
  /** Whether the agent who looks works on it. */
  readonly isOwn: boolean;
  readonly isEmptied: boolean;
  readonly words: string;
  /** What the person typed to say whose account it is; masked like an address. Empty: nothing. */
  readonly identifier: string;
  /** Where the person corrected that: when, and what they had said before, masked too. */
  readonly corrected: { readonly at: number; readonly from: string } | undefined;
  readonly contacts: readonly {
    readonly address: string;
    readonly isConfirmed: boolean;
    readonly isReplaced: boolean;
  }[];
  readonly isUnmasked: boolean;
  /** Sent by the person. */
  readonly pictures: readonly CasePicture[];
  readonly messages: readonly (WrittenMessage & { readonly by: string | null })[];
  readonly mails: readonly SeenMail[];
  readonly accounts: readonly NamedAccount[];
  /** More have the name than are shown. */
  readonly areMoreAccounts: boolean;
  /** Signs that somebody plays with the desk. */
  readonly signals: readonly Signal[];
  readonly releases: CaseReleases;
  /** Other cases with the same contact, identifier or account. */
  readonly related: readonly ListedCase[];
}

/** Why an agent needs to see an address whole; in the audit trail. */
export const unmaskReasons = ['call-back', 'compare', 'mistyped', 'abuse'] as const;
export type UnmaskReason = (typeof unmaskReasons)[number];
export const isUnmaskReason = (text: string): text is UnmaskReason => unmaskReasons.some((reason) => reason === text);

/** The case as the agent saw it. */
export interface Seen {
  readonly number: string;
  readonly version: number;
}

export interface Desk {
  queue(agent: Agent, view: QueueView, after?: Place): Promise<Queue>;
  /** How many cases of a list the person wrote in since then (UTC epoch ms), new ones too; no more than a hundred are looked at. */
  news(agent: Agent, view: QueueView, since: number): Promise<number>;
  /** Whether a case of the agent's own is no longer what was seen. */
  isChanged(agent: Agent, seen: Seen): Promise<boolean>;
  /** What the desk did in the last days. */
  figures(agent: Agent, days: FigureDays): Promise<Figures>;
  /** By case number, contact, or what somebody typed to say whose account it is. Counts against the agent's hour. */
  search(agent: Agent, text: string): Promise<Outcome<{ readonly found: readonly ListedCase[] }, 'agent-limit'>>;
  /** `undefined`: there is none. Looking at a case that is not the agent's own counts against the agent's hour. */
  look(
    agent: Agent,
    number: string,
    unmask?: UnmaskReason,
  ): Promise<Outcome<{ readonly shown: DeskCase | undefined }, 'agent-limit'>>;
  /** A picture of a case, as a JPEG. */
  picture(agent: Agent, number: string, id: string): Promise<Uint8Array | undefined>;
  /** Makes a case that nobody has the agent's own. */
  take(agent: Agent, seen: Seen): Promise<Outcome<unknown, Refusal>>;
  /** Gives a case to another who is here (`to`: a name), or back to all (empty). The agent's own, or any for a lead. */
  handOver(agent: Agent, seen: Seen, to: string): Promise<Outcome<unknown, Refusal>>;
  /** Does something about a case of one's own. Words that the act does not need are kept as its author says. */
  act(
    agent: Agent,
    seen: Seen,
    what: { readonly act: ActName; readonly words: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** Proposes to give an account that the case names to its person, or to close it, in a case of one's own. */
  propose(
    agent: Agent,
    seen: Seen,
    what: { readonly accountId: string; readonly words: string; readonly act: 'propose' | 'propose-closing' },
  ): Promise<Outcome<unknown, Refusal>>;
}

export interface DeskNeeds {
  readonly releases: Pick<Releases, 'ofCase' | 'propose' | 'proposeClosing' | 'isOpenFor'>;
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly agents: Pick<Agents, 'namesOf' | 'present' | 'within'>;
  readonly cases: Pick<
    Cases,
    'byNumber' | 'identifierOf' | 'move' | 'add' | 'tellNews' | 'allMessagesOf' | 'picturesOf' | 'findPicture'
  >;
  readonly directory: AccountDirectory;
  readonly authenticator: Pick<Authenticator, 'statusOf'>;
  readonly watch: Watch;
  readonly site: string;
}

const mailSeen = ({ kind, state, created_at, ended_at }: MailLine): SeenMail => ({
  kind,
  state,
  at: ended_at ?? created_at,
});

const relatedAtMost = 20;
const mailsAtMost = 20;
const activityAtMost = 20;

export function createDesk({
  db,
  keys,
  clock,
  audit,
  agents,
  cases,
  directory,
  authenticator,
  watch,
  releases,
  site,
}: DeskNeeds): Desk {
  async function listed(rows: readonly CaseLine[]): Promise<ListedCase[]> {
    const names = await agents.namesOf(rows.flatMap(({ agent_id }) => agent_id ?? []));
    const held = await heldAmong(
      db,
      rows.filter(({ state }) => state === 'deciding').map(({ id }) => id),
    );
    return rows.map((row) => ({
      number: row.number,
      kind: row.kind,
      state: row.state,
      told: toldState(row.state, held.has(row.id) ? { state: 'holding' } : undefined),
      locale: row.locale,
      openedAt: row.created_at,
      dueAt: row.due_at,
      // What was decided was answered, also without words.
      answeredAt: row.answered_at ?? row.reopened_at,
      isPersonLast: row.last_author === 'person',
      agent: row.agent_id === null ? null : (names.get(row.agent_id) ?? ''),
    }));
  }

  const find = async (number: string): Promise<CaseRow | undefined> => {
    const read = readCaseNumber(number);
    return read.ok ? cases.byNumber(read.number) : undefined;
  };

  /** What a search finds, the newest first. */
  async function linesFor(text: string): Promise<CaseLine[]> {
    const byNumber = await find(text);
    if (byNumber) return [byNumber];
    const identifier = readIdentifier(text);
    if (!identifier.ok) return [];
    const address = readAddress(text);
    const by = {
      contactHashes: address.ok ? keys.hashes('mailbox', site, address.key) : [],
      identifierHashes: keys.hashes('identifier', site, identifier.kind, identifier.key),
      accountIds: (await accountsNamed(directory, text)).map(({ id }) => id),
    };
    return findRelatedCases(db, site, by, pageSize);
  }

  async function describeAccount(
    id: string,
    { id: caseId }: CaseRow,
    show: (address: string) => string,
  ): Promise<NamedAccount[]> {
    const account = await directory.find(id);
    if (!account) return [];
    const { userId, state, createdAt, passwordChangedAt } = account;
    return [
      {
        userId,
        state,
        createdAt,
        passwordChangedAt,
        hasAuthenticator: (await authenticator.statusOf(id)).isOn,
        proven: await provenOf(db.read, caseId, id),
        addresses: (await directory.addressesOf(id)).map(({ address, noticesOnlySince }) => ({
          address: show(address),
          isSetAside: noticesOnlySince !== null,
        })),
        activity: activityForDesk(await audit.eventsOf(id, eventsForDesk, activityAtMost)),
        mails: (await recoveryMailsOf(db, id, mailsAtMost)).map(mailSeen),
      },
    ];
  }

  /** Why nothing was held: somebody else's, or not what the agent saw. */
  async function whyNot(agent: Agent, { number }: Seen): Promise<Outcome<never, 'case-of-other' | 'case-state'>> {
    const row = await find(number);
    return refuse(row && row.agent_id !== agent.id ? 'case-of-other' : 'case-state');
  }

  async function assign(
    agent: Agent,
    row: CaseRow,
    { version }: Seen,
    to: string | null,
  ): Promise<Outcome<unknown, Refusal>> {
    const isHeld = await db.write(async (tx) => {
      const held = await holdCase(tx, { id: row.id, version, agentId: row.agent_id }, { agent_id: to });
      if (!held) return false;
      await audit.append(tx, {
        event: 'case.assigned',
        subjectId: row.id,
        facts: { agent: agent.id, to: to ?? '' },
      });
      return true;
    });
    return isHeld ? accept() : refuse('case-state');
  }

  return {
    async queue(agent, view, after) {
      const scope = { site, agentId: agent.id };
      const [rows, counts] = await Promise.all([listCases(db, scope, view, after), countCases(db, scope)]);
      const shown = rows.slice(0, pageSize);
      const last = rows.length > pageSize ? shown.at(-1) : undefined;
      return {
        cases: await listed(shown),
        next: last && { at: (view === 'closed' ? last.ended_at : last.due_at) ?? 0, id: last.id },
        counts,
      };
    },

    async news(agent, view, since) {
      const rows = (await newsSince(db, { site, agentId: agent.id }, since)).filter(
        ({ last_author }) => last_author === 'person',
      );
      if (view === 'mine') return rows.filter(({ agent_id }) => agent_id === agent.id).length;
      if (view === 'unassigned') return rows.filter(({ agent_id }) => agent_id === null).length;
      return view === 'open' ? rows.length : 0;
    },

    async isChanged(agent, { number, version }) {
      const row = await find(number);
      return row !== undefined && row.agent_id === agent.id && row.version !== version;
    },

    async figures(agent, days) {
      const now = clock.now();
      const { agents: approvers, ...counted } = await countFigures(db, {
        site,
        first: firstDayOf(days, now),
        end: Math.floor(now / dayMs) + 1,
        now,
      });
      const names = await agents.namesOf(approvers.map(({ id }) => id));
      await db.write((tx) => audit.append(tx, { event: 'agent.figures_viewed', subjectId: agent.id, facts: { days } }));
      const named = approvers.map(({ id, ...of }) => ({ ...of, name: names.get(id) ?? '' }));
      return figuresOf({ ...counted, agents: named }, { days, now });
    },

    async search(agent, text) {
      const within = await agents.within('agent-search', agent.id);
      if (!within.ok) return within;
      const found = await linesFor(text);
      await db.write((tx) =>
        audit.append(tx, { event: 'case.searched', subjectId: agent.id, facts: { found: found.length } }),
      );
      return accept({ found: await listed(found) });
    },

    async look(agent, number, unmask) {
      const row = await find(number);
      if (!row) return accept({ shown: undefined });
      const isOwn = row.agent_id === agent.id;
      if (unmask || !isOwn) {
        const within = await agents.within(unmask ? 'agent-unmask' : 'agent-case', agent.id);
        if (!within.ok) return within;
      }
      await db.write((tx) =>
        audit.append(tx, {
          event: unmask ? 'case.unmasked' : 'case.viewed',
          subjectId: row.id,
          facts: { agent: agent.id, ...(unmask && { reason: unmask }) },
        }),
      );
      const show = unmask ? (text: string) => text : maskAddress;
      const typed = cases.identifierOf(row);
      const identifier = readIdentifier(typed);
      // A user ID is no address to write to, and stands at its account in full.
      const showTyped = (text: string) => {
        const read = readIdentifier(text);
        return read.ok && read.kind === 'user-id' ? text : show(text);
      };
      const [contacts, { named, areMore }, messages, [line]] = await Promise.all([
        contactsOf(db, row.id),
        findAccountsNamed(directory, typed),
        cases.allMessagesOf(row),
        listed([row]),
      ]);
      if (!line) throw new Error('a case without a line of its own');
      const words = keys.open(row.words_sealed) ?? '';
      const contactHash = contacts.find(({ replaced_at }) => replaced_at === null)?.address_hash ?? '';
      const [names, related, mails, accounts, signals, ofCase] = await Promise.all([
        agents.namesOf(messages.flatMap(({ agentId }) => agentId ?? [])),
        findRelatedCases(
          db,
          site,
          {
            contactHashes: contacts.map(({ address_hash }) => address_hash).filter((hash) => hash !== ''),
            identifierHashes: identifier.ok ? keys.hashes('identifier', site, identifier.kind, identifier.key) : [],
            accountIds: named.map(({ id }) => id),
          },
          relatedAtMost + 1,
        ),
        mailSubjectsOf(db, row.id).then((subjects) => mailsOf(db, subjects, mailsAtMost)),
        Promise.all(named.map(({ id }) => describeAccount(id, row, show))),
        watch.signalsOf({ row, typed, named, contactHash, words, messages }),
        releases.ofCase(
          agent,
          row,
          named.map(({ id }) => id),
        ),
      ]);
      return accept({
        shown: {
          ...line,
          version: row.version,
          isOwn,
          isEmptied: row.emptied_at !== null,
          words,
          signals,
          identifier: typed === '' ? '' : showTyped(typed),
          corrected:
            row.corrected_at === null
              ? undefined
              : { at: row.corrected_at, from: showTyped(keys.open(row.earlier_sealed ?? '') ?? '') },
          contacts: contacts.map(({ address_sealed, confirmed_at, replaced_at }) => ({
            address: show(keys.open(address_sealed) ?? ''),
            isConfirmed: confirmed_at !== null,
            isReplaced: replaced_at !== null,
          })),
          isUnmasked: unmask !== undefined,
          pictures: await cases.picturesOf(row),
          messages: messages.map((message) => ({
            ...message,
            by: message.agentId && (names.get(message.agentId) ?? ''),
          })),
          mails: mails.map(mailSeen),
          accounts: accounts.flat(),
          areMoreAccounts: areMore,
          releases: ofCase,
          related: await listed(related.filter(({ id }) => id !== row.id).slice(0, relatedAtMost)),
        },
      });
    },

    async picture(agent, number, id) {
      const row = await find(number);
      const picture = row && (await cases.findPicture(row, id));
      if (!row || !picture) return undefined;
      const facts = { agent: agent.id };
      await db.write((tx) => audit.append(tx, { event: 'case.picture_viewed', subjectId: row.id, facts }));
      return picture;
    },

    async take(agent, seen) {
      const row = await find(seen.number);
      if (!row || row.agent_id === agent.id) return row ? accept() : refuse('case-state');
      return row.agent_id === null ? assign(agent, row, seen, agent.id) : refuse('case-of-other');
    },

    async handOver(agent, seen, to) {
      const row = await find(seen.number);
      if (!row) return refuse('case-state');
      if (row.agent_id !== agent.id && agent.role !== 'lead') return refuse('case-of-other');
      if (to === '') return assign(agent, row, seen, null);
      const other = (await agents.present()).find(({ name }) => name === to);
      return other ? assign(agent, row, seen, other.id) : refuse('agent-away');
    },

    async act(agent, seen, { act: name, words }) {
      const act: Act = acts[name];
      const hasWords = words.trim() !== '';
      const read = act.needsWords || hasWords ? readWords(words) : accept();
      if (!read.ok) return read;
      const row = await find(seen.number);
      if (!row) return refuse('case-state');
      const done = await db.write(async (tx) => {
        const held = await holdCase(tx, { id: row.id, version: seen.version, agentId: agent.id });
        if (!held) return undefined;
        // Whoever gets the account has to be told yes before the case can say no.
        if (act.event === 'decided' && (await releases.isOpenFor(tx, row.id))) return refuse('release-open');
        const facts = { agent: agent.id, act: name };
        const moved = act.event ? await cases.move(tx, held, act.event, { facts }) : accept({ moved: held });
        if (!moved.ok) return moved;
        if (act.event === undefined) await audit.append(tx, { event: 'case.worked_on', subjectId: row.id, facts });
        // Whatever act they were typed beside: an agent's words are never lost.
        if (hasWords) await cases.add(tx, moved.moved, words, { author: act.author, agentId: agent.id });
        if (act.author === 'desk') {
          await noteAnswered(tx, row.id, clock.now());
          if (act.event === undefined) await cases.tellNews(tx, moved.moved);
        }
        return accept();
      });
      return done ?? whyNot(agent, seen);
    },

    async propose(agent, seen, { accountId, words, act }) {
      const row = await find(seen.number);
      if (!row) return refuse('case-state');
      if (row.agent_id !== agent.id) return refuse('case-of-other');
      const typed = cases.identifierOf(row);
      const isNamed = (await accountsNamed(directory, typed)).some(({ id }) => id === accountId);
      if (!isNamed) return refuse('release-account');
      const propose = act === 'propose' ? releases.propose : releases.proposeClosing;
      return propose(row, seen.version, accountId, { agent, words });
    },
  };
}
