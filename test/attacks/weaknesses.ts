// For each attack an app without the defence that stands against it. Each is a part handed in by `makers`, as anybody could
// make one; the product has no switch for it.
import type { Makers } from '../../src/app.ts';
import { systemRandom } from '../../src/base/random.ts';
import { accept, refuse } from '../../src/base/outcome.ts';
import { createKeys, type KeyUse } from '../../src/base/secret.ts';
import { createHumanCheck } from '../../src/human-check/check.ts';
import { createRecoveryMail } from '../../src/recovery/recovery-mail.ts';
import { createSignIn } from '../../src/sign-in/sign-in.ts';
import type { Database } from '../../src/database/database.ts';
import { readIdentifier } from '../../src/accounts/identifiers.ts';
import { createDesk } from '../../src/desk/desk.ts';
import { createServer, type Server } from '../../src/http/server.ts';
import { createAuthenticator } from '../../src/proofs/authenticator.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import { createOwnDirectory } from '../../src/accounts/own.ts';
import { createOutbox, type Prepare } from '../../src/mail/outbox.ts';
import { createRecovery, type RecoveryUseCases } from '../../src/recovery/recovery.ts';
import { createReleases } from '../../src/releases/releases.ts';
import type { TestAppOptions } from '../../src/testing/app.ts';

export interface Weakness {
  /** Anew for each app, as some keep something. */
  readonly app: () => TestAppOptions;
  /** What the scenario says then, of each defence that is broken where there are several: it goes on to the last of them. */
  readonly found: RegExp | readonly RegExp[];
}

/** A server behind something that spoils requests or answers. */
const withServer =
  (change: (server: Server, needs: Parameters<typeof createServer>[0]) => Partial<Server>): Makers['server'] =>
  (needs) => {
    const server = createServer(needs);
    return { ...server, ...change(server, needs) };
  };

type RecoveryNeeds = Parameters<typeof createRecovery>[0];

const withRecovery =
  (change: (recovery: RecoveryUseCases, needs: RecoveryNeeds) => Partial<RecoveryUseCases>): Makers['recovery'] =>
  (needs) => {
    const recovery = createRecovery(needs);
    return { ...recovery, ...change(recovery, needs) };
  };

/** Mails that are made in another way. */
const withMails =
  (change: (prepare: Prepare) => Prepare): Makers['outbox'] =>
  (needs) =>
    createOutbox({ ...needs, prepare: change(needs.prepare) });

const updateRecovery = (db: Database, id: string, columns: Parameters<typeof setColumns>[2]) =>
  setColumns(db, id, columns);

const setColumns = (
  db: Database,
  id: string,
  columns: {
    tries?: number;
    step?: string;
    ended_at?: null;
    end_reason?: null;
    password_until?: number;
    code_expires_at?: number;
    handle_hash?: string;
  },
) => db.write((tx) => tx.updateTable('recoveries').set(columns).where('id', '=', id).execute());

const isJson = (request: Request): boolean => request.headers.get('content-type')?.includes('json') ?? false;

/** Answers without these headers. */
const withoutHeaders = (...names: readonly string[]): TestAppOptions => ({
  makers: {
    server: withServer(({ fetch }) => ({
      async fetch(request, from) {
        const answer = await fetch(request, from);
        for (const name of names) answer.headers.delete(name);
        return answer;
      },
    })),
  },
});

/** Of each attack; where it has several parts, one for each. */
export const weaknesses: Readonly<Record<string, Weakness>> = {
  'host-poisoning': {
    // Links are built from what a proxy is said to have been asked for.
    app: () => {
      let host: string | null = null;
      return {
        makers: {
          server: withServer(({ fetch }) => ({
            fetch(request, from) {
              host = request.headers.get('x-forwarded-host') ?? host;
              return fetch(request, from);
            },
          })),
          outbox: withMails((prepare) => async (entry) => {
            const mail = await prepare(entry);
            if (!mail.send || host === null) return mail;
            const text = mail.message.text.replaceAll(/127\.0\.0\.1:\d+/g, host);
            return { ...mail, message: { ...mail.message, text } };
          }),
        },
      };
    },
    found: /a mail asked for with x-forwarded-host names evil/,
  },
  enumeration: {
    // Who has no account is told so at once.
    app: () => ({
      makers: {
        recovery: withRecovery(({ start }, { directory }) => ({
          async start(request) {
            const read = readIdentifier(request.typed);
            const found = read.ok ? await directory.findForRecovery(read) : undefined;
            return found?.accounts.length === 0 ? refuse('identifier-shape') : start(request);
          },
        })),
      },
    }),
    found: /POST \/recover differs for/,
  },
  'distributed-guessing': {
    // Tries are given back.
    app: () => ({
      makers: {
        recovery: withRecovery(({ enterCode }, { db }) => ({
          async enterCode(step) {
            const entered = await enterCode(step);
            if (!entered.ok)
              await updateRecovery(db, step.id, { tries: 0, step: 'code', ended_at: null, end_reason: null });
            return entered;
          },
        })),
      },
    }),
    found: /a code was compared after five wrong ones/,
  },
  'address-injection': {
    // Of a repeated field the last one is taken.
    app: () => ({
      makers: {
        server: withServer(({ fetch }) => ({
          async fetch(request, from) {
            if (request.method !== 'POST' || isJson(request)) return fetch(request, from);
            const fields = Object.fromEntries(new URLSearchParams(await request.text()));
            return fetch(new Request(request, { method: 'POST', body: new URLSearchParams(fields) }), from);
          },
        })),
      },
    }),
    found: /a repeated field was answered with 303/,
  },
  'unicode-collision': {
    // Identifiers are matched without regard to case and width, as libraries do.
    app: () => ({
      makers: {
        directory(needs) {
          const directory = createOwnDirectory(needs);
          return {
            ...directory,
            findForRecovery: (identifier) =>
              directory.findForRecovery({ ...identifier, key: identifier.key.normalize('NFKC').toLowerCase() }),
          };
        },
      },
    }),
    found: /mails for look-alikes went to the stored address/,
  },
  prediction: {
    // Half of what is drawn follows from what was drawn before.
    app: () => {
      let drawn = 0;
      return {
        random: {
          bytes(length) {
            drawn += 1;
            const bytes = systemRandom.bytes(length);
            bytes.fill(drawn & 0x0f, 0, length >> 1);
            return bytes;
          },
        },
      };
    },
    found: /of a handle strays by|follows from the one before/,
  },
  leak: {
    // The page is told the address, for a friendlier sentence.
    app: () => ({
      makers: {
        server: withServer(({ fetch }, { recovery }) => ({
          async fetch(request, from) {
            const answer = await fetch(request, from);
            const handle = /account-recovery=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
            const found = await recovery.find(handle);
            const opened = found && { recovery: found, identifier: recovery.identifierOf(found) };
            const [account] = opened ? (await recovery.choicesOf(opened)).accounts : [];
            if (account?.address) answer.headers.set('x-hint', account.address.address);
            return answer;
          },
        })),
      },
    }),
    found: /an answer holds an address/,
  },
  'double-spend': {
    // Whoever comes second is let in by the proof of the first.
    app: () => ({
      makers: {
        recovery: withRecovery(({ enterCode }) => {
          const proven = new Map<string, Awaited<ReturnType<typeof enterCode>>>();
          return {
            async enterCode(step) {
              const entered = await enterCode(step);
              if (entered.ok) proven.set(step.id, entered);
              return proven.get(step.id) ?? entered;
            },
          };
        }),
      },
    }),
    found: /the same right code passed \d+ times/,
  },
  'crossed-users': {
    // The cookie alone says which recovery a form is about.
    app: () => ({
      makers: {
        recovery: withRecovery(({ enterCode, find }) => ({
          async enterCode(step) {
            const current = await find(step.handle);
            return enterCode({ ...step, id: current?.id ?? step.id });
          },
        })),
      },
    }),
    found: /a form of another recovery was answered with 422/,
  },
  'step-skipping': {
    // The step is believed to be the one that is asked for.
    app: () => ({
      makers: {
        recovery: withRecovery(({ setPassword }, { db, clock }) => ({
          async setPassword(step) {
            await updateRecovery(db, step.id, { step: 'password', password_until: clock.now() + 1_000 });
            return setPassword(step);
          },
        })),
      },
    }),
    found: /the new password before a way was chosen was answered with 200/,
  },
  relay: {
    // Nobody is told of a change.
    app: () => ({
      makers: {
        outbox: withMails(
          (prepare) => async (entry) =>
            entry.kind === 'password-changed' ? { send: false, reason: null } : prepare(entry),
        ),
      },
    }),
    found: /no notice that can be undone reached the owner/,
  },
  'referrer-leak': {
    app: () => withoutHeaders('referrer-policy'),
    found: /\/sign-in sends a referrer: no policy/,
  },
  'stale-code': {
    // The time of a code is not looked at.
    app: () => ({
      makers: {
        recovery: withRecovery(({ enterCode }, { db, clock }) => ({
          async enterCode(step) {
            await updateRecovery(db, step.id, { code_expires_at: clock.now() + 1 });
            return enterCode(step);
          },
        })),
      },
    }),
    found: /a code counts a second after its time/,
  },
  'pre-hijack': {
    // A reset leaves the sessions as they are.
    app: () => ({
      makers: { sessions: (needs) => ({ ...createSessions(needs), endAll: async () => 0 }) },
    }),
    found: /a session lives on after the reset/,
  },
  'session-survival': {
    // The browser keeps its handle when it has proved the code.
    app: () => ({
      makers: {
        recovery: withRecovery(({ enterCode }, { db, keys }) => ({
          async enterCode(step) {
            const entered = await enterCode(step);
            if (!entered.ok || step.handle === undefined) return entered;
            await updateRecovery(db, step.id, { handle_hash: keys.hash('recovery-handle', step.handle) });
            return { ...entered, handle: step.handle };
          },
        })),
      },
    }),
    found: /the recovery cookie is the same after the proof/,
  },
  'second-factor-bypass': {
    // A sign-in takes no notice of the app.
    app: () => ({
      makers: { authenticator: (needs) => ({ ...createAuthenticator(needs), isOn: async () => false }) },
    }),
    found: /after the password comes \/account/,
  },
  'scanner-prefetch': {
    // A link is spent when it is opened.
    app: () => {
      let spend = async () => {};
      return {
        wrap(db) {
          spend = async () =>
            void (await db.write((tx) => tx.updateTable('mailed_codes').set({ ended_at: 1 }).execute()));
          return db;
        },
        makers: {
          server: withServer(({ fetch }) => ({
            async fetch(request, from) {
              const answer = await fetch(request, from);
              if (request.method === 'GET' && request.url.includes('/recover/link/')) await spend();
              return answer;
            },
          })),
        },
      };
    },
    found: /the link is spent before its reader comes/,
  },
  csrf: {
    // Where a form comes from is not looked at.
    app: () => ({
      makers: {
        server: withServer(({ fetch }) => ({
          fetch(request, from) {
            const headers = new Headers(request.headers);
            headers.set('sec-fetch-site', 'same-origin');
            headers.delete('origin');
            return fetch(new Request(request, { headers }), from);
          },
        })),
      },
    }),
    found: /\/sign-in from elsewhere .* was answered with|sets a cookie/,
  },
  'framing-and-markup': {
    app: () => withoutHeaders('content-security-policy', 'x-frame-options'),
    found: /\/sign-in can be framed/,
  },
  'mail-bombing': {
    // The caps of a mailbox are forgotten before each mail.
    app: () => ({
      makers: {
        recoveryMail(needs) {
          const mail = createRecoveryMail(needs);
          return {
            ...mail,
            async prepareCode(...which) {
              await needs.db.write((tx) => tx.updateTable('mailboxes').set({ sent_at: '[]' }).execute());
              return mail.prepareCode(...which);
            },
          };
        },
      },
    }),
    found: /mails in an hour for \d+ requests/,
  },
  lockout: {
    // Five wrong passwords lock the account.
    app: () => {
      const wrong = new Map<string, number>();
      return {
        makers: {
          signIn(needs) {
            const real = createSignIn(needs);
            return {
              ...real,
              async signIn(request) {
                const before = wrong.get(request.typed) ?? 0;
                if (before >= 5) return refuse('password-later', 1_000);
                const signedIn = await real.signIn(request);
                if (!signedIn.ok) wrong.set(request.typed, before + 1);
                return signedIn;
              },
            };
          },
        },
      };
    },
    found: /the password does not sign in in round/,
  },
  'enumeration-by-time': {
    // Where there is no account, nothing is hashed.
    app: () => ({
      makers: {
        signIn(needs) {
          const real = createSignIn(needs);
          return {
            ...real,
            async signIn(request) {
              const read = readIdentifier(request.typed);
              const found = read.ok ? await needs.directory.findForSignIn(read) : undefined;
              return found ? real.signIn(request) : refuse('sign-in-failed');
            },
          };
        },
      },
    }),
    found: /a wrong password: 0 hashes and 0 rows for the mail for unknown/,
  },
  'human-check': {
    // A pass is never spent.
    app: () => ({
      makers: {
        humanCheck: (needs) => ({ ...createHumanCheck(needs), spend: async () => accept({ spent: undefined }) }),
      },
    }),
    found: /one pass began \d+ recoveries/,
  },
  'support-desk': {
    app: () => ({
      makers: {
        desk(needs) {
          const desk = createDesk(needs);
          return {
            ...desk,
            // Agents see addresses whole, and give no reason.
            look: (agent, number) => desk.look(agent, number, 'compare'),
            // A picture is found by its id alone.
            async picture(agent, _, id) {
              const of = await needs.db.read
                .selectFrom('case_pictures')
                .innerJoin('cases', 'cases.id', 'case_pictures.case_id')
                .select('cases.number')
                .where('case_pictures.id', '=', id)
                .executeTakeFirst();
              return of && desk.picture(agent, of.number, id);
            },
          };
        },
        releases(needs) {
          const releases = createReleases(needs);
          return {
            ...releases,
            // Whoever approves a closing counts as another lead.
            async decideClosing(seen, event, by) {
              const lead = await needs.db.read
                .selectFrom('agents')
                .select('id')
                .where('role', '=', 'lead')
                .where('id', '<>', by.agent.id)
                .where('name', '<>', '')
                .orderBy('added_at', 'desc')
                .executeTakeFirst();
              return releases.decideClosing(seen, event, {
                ...by,
                agent: { ...by.agent, id: lead?.id ?? by.agent.id },
              });
            },
          };
        },
        authenticator(needs) {
          const authenticator = createAuthenticator(needs);
          return {
            ...authenticator,
            // Of two codes of the app the first one is enough.
            prove: (tx, { code, ...of }) =>
              authenticator.prove(tx, {
                ...of,
                code: code.kind === 'pair' ? { kind: 'app', code: code.code.slice(0, 6) } : code,
              }),
          };
        },
      },
    }),
    found: [
      /the desk shows the whole contact/,
      /a lead approved the own closing, and was answered with 200/,
      /saw a picture of another case, with 200/,
      /one code of the app, or two that do not follow each other, are shown as a proof/,
    ],
  },
  'stolen-database': {
    // What is to be a keyed hash is kept as it is.
    app: () => ({
      makers: {
        keys(list) {
          const keys = createKeys(list);
          const clear = (_use: KeyUse, ...parts: readonly string[]) => `${keys.currentId}.${parts.join(' ')}`;
          return {
            ...keys,
            hash: clear,
            hashes: (...given) => [clear(...given)],
            matches: (use, hash, ...parts) => hash === clear(use, ...parts),
          };
        },
      },
    }),
    found: /stands in the database/,
  },
};
