// People who recover their accounts, one after another, while things die: each goes on trying like a person who is told to try
// again, and writes down what was sent and what was answered.
import { setTimeout as wait } from 'node:timers/promises';
import { createPasswords } from '../../src/accounts/passwords.ts';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { sourceOf } from '../../src/limits/source.ts';
import { codeIn } from '../../src/testing/mail-text.ts';
import type { Answer, Told } from './judge.ts';
import type { Site } from './site.ts';

const oldPassword = 'an old and quiet lamp';
const newPassword = 'a long and new sentence';
/** A mail that a dead worker holds is taken over after a minute. */
const mailWithinMs = 180_000;
const peopleAtOnce = 50;
/** How often somebody tries again before giving up. */
const patience = 40;

export interface Person {
  readonly userId: string;
  readonly accountId: string;
  readonly address: string;
  readonly network: string;
}

export interface Load {
  /** Of whom are through, or gave up in good order. */
  readonly told: readonly Told[];
  /** Who could not go on although nothing was lost: it must not be. */
  readonly stuck: readonly string[];
  readonly completed: number;
  readonly calls: Readonly<Record<Answer, number>>;
  /** No more begin; resolves when all are through. */
  stop(): Promise<void>;
}

/** The passwords of all are one hash: what a drill looks at begins after that. */
export async function addPeople({ db, keys }: Site, from: number, count: number): Promise<Person[]> {
  const parts = { db, keys, clock: systemClock, random: systemRandom, site: 'default' };
  const directory = createOwnDirectory(parts);
  const password = await createPasswords({ ...parts, minLength: 15, siteName: 'Corner Shop' }).hash(oldPassword);
  return db.write(async (tx) => {
    const people: Person[] = [];
    for (let at = from; at < from + count; at += 1) {
      const userId = `person${at}`;
      const address = `${userId}@mail.example`;
      const addresses = [{ address, key: address, isConfirmed: true }];
      const created = await directory.create(tx, { userId, locale: 'en', password, addresses });
      if (!created.ok) throw new Error(`${userId} could not be added`);
      people.push({ userId, accountId: created.accountId, address, network: `10.${(at >> 8) & 255}.${at & 255}.1` });
    }
    return people;
  });
}

/** A call of the API from the network of that person. */
export const post = (
  site: Site,
  { network }: Pick<Person, 'network'>,
  path: string,
  {
    body,
    handle,
    signal = null,
  }: { readonly body: object; readonly handle?: string | undefined; readonly signal?: AbortSignal | null },
): Promise<Response> =>
  fetch(site.origin + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'account-handle': 'body',
      'x-forwarded-for': network,
      ...(handle !== undefined && { authorization: `Bearer ${handle}` }),
    },
    body: JSON.stringify(body),
    signal,
  });

export function startLoad(site: Site, { clients }: { readonly clients: number }): Load {
  const stopping = new AbortController();
  const told: Told[] = [];
  const stuck: string[] = [];
  const calls = { accepted: 0, refused: 0, unknown: 0 };
  let completed = 0;
  let adding: Promise<unknown> = Promise.resolve();
  const waiting: Person[] = [];

  async function nextPerson(): Promise<Person> {
    for (;;) {
      const next = waiting.shift();
      if (next) return next;
      adding = adding.then(addMore);
      await adding;
    }
  }

  async function addMore(): Promise<void> {
    if (waiting.length > 0) return;
    // The database may be away just now, in the middle of a COMMIT even: those numbers are not used again.
    const from = site.takeNumbers(peopleAtOnce);
    const more = await addPeople(site, from, peopleAtOnce).catch(() => []);
    waiting.push(...more);
    if (more.length === 0) await wait(250);
  }

  async function call(
    person: Person,
    path: string,
    { body, handle }: { readonly body: object; readonly handle?: string },
  ): Promise<{ readonly answer: Answer; readonly body: Readonly<Record<string, unknown>>; readonly status: number }> {
    let status = 0;
    let read: unknown;
    try {
      const response = await post(site, person, path, { body, handle, signal: AbortSignal.timeout(30_000) });
      ({ status } = response);
      read = await response.json();
    } catch {
      // Half an answer is none.
      status = 0;
    }
    const answer = status === 0 || status >= 500 ? 'unknown' : status < 300 ? 'accepted' : 'refused';
    calls[answer] += 1;
    if (answer === 'unknown') await wait(500);
    return { answer, status, body: { ...Object(read) } };
  }

  /** `false`: it cannot be known yet how it stands, or the recovery is lost to this person, who begins anew. */
  async function recover(
    person: Person,
    writing: { starts: Told['starts'][number][]; codes: Told['codes'][number][]; passwords: Answer[] },
  ): Promise<boolean> {
    const since = Date.now();
    const started = await call(person, '/api/v1/recoveries', {
      body: { identifier: person.userId, method: 'email-code' },
    });
    const id = typeof started.body['id'] === 'string' ? started.body['id'] : '';
    writing.starts.push({ answer: started.answer, ...(started.answer === 'accepted' && { id }) });
    if (started.answer !== 'accepted') return false;
    const handle = String(started.body['handle']);
    const mail = await site.mailbox.waitFor(
      ({ recipients, receivedAt, text }) =>
        recipients.includes(person.address) && receivedAt >= since && codeIn({ text }) !== undefined,
      mailWithinMs,
    );
    const code = codeIn(mail);

    const proofs = `/api/v1/recoveries/${id}/proofs/email-code/verify`;
    for (let tries = 0; tries < 2; tries += 1) {
      // The same code twice at once, at two nodes: one of them at most is right.
      const answers = await Promise.all([1, 2].map(() => call(person, proofs, { handle, body: { code } })));
      for (const { answer } of answers) writing.codes.push({ recoveryId: id, answer });
      const right = answers.find(({ answer }) => answer === 'accepted');
      if (right) return setPassword(person, id, String(right.body['handle']), writing);
      if (answers.some(({ answer }) => answer === 'refused')) return false;
    }
    return false;
  }

  async function setPassword(
    person: Person,
    id: string,
    handle: string,
    { passwords }: { passwords: Answer[] },
  ): Promise<boolean> {
    for (let tries = 0; tries < patience; tries += 1) {
      const { answer } = await call(person, `/api/v1/recoveries/${id}/password`, {
        handle,
        body: { password: newPassword },
      });
      passwords.push(answer);
      if (answer === 'accepted') return true;
      // Said so after one that nobody knows the end of: that one was kept.
      if (answer === 'refused') return false;
    }
    return false;
  }

  async function tryPassword(person: Person, password: string): Promise<boolean> {
    for (let tries = 0; tries < patience; tries += 1) {
      const { answer } = await call(person, '/api/v1/sessions', { body: { identifier: person.userId, password } });
      if (answer !== 'unknown') return answer === 'accepted';
    }
    throw new Error(`${person.userId} cannot find out how it stands`);
  }

  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      const person = await nextPerson();
      const writing: { starts: Told['starts'][number][]; codes: Told['codes'][number][]; passwords: Answer[] } = {
        starts: [],
        codes: [],
        passwords: [],
      };
      try {
        let isThrough = false;
        // Three mails an hour go to a mailbox. Whoever has sent a new password looks which one holds before doing more.
        while (!isThrough) {
          isThrough = await recover(person, writing);
          if (writing.passwords.length > 0) break;
          // What was not answered may have sent a mail too.
          if (writing.starts.length === 3) break;
        }
        const both = await Promise.all([oldPassword, newPassword].map((password) => tryPassword(person, password)));
        const signsInWith = (['old', 'new'] as const).filter((_, at) => both[at]);
        told.push({
          userId: person.userId,
          accountId: person.accountId,
          source: sourceOf(site.keys, person.network),
          ...writing,
          signsInWith,
        });
        if (isThrough) completed += 1;
      } catch (error) {
        stuck.push(`${person.userId}: ${String(error).split('\n', 1)[0]}`);
      }
    }
  }

  const all = Promise.all(Array.from({ length: clients }, live));
  return {
    told,
    stuck,
    calls,
    get completed() {
      return completed;
    },
    async stop() {
      stopping.abort();
      await all;
    },
  };
}
