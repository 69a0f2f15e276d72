// For each attack an app without the defence that stands against it. Each is a part handed in by `makers`, as anybody could
// make one; the product has no switch for it.
import type { Makers } from '../../src/app.ts';
import { refuse } from '../../src/base/outcome.ts';
import type { Database } from '../../src/database/database.ts';
import { readIdentifier } from '../../src/accounts/identifiers.ts';
import { createServer, type Server } from '../../src/http/server.ts';
import { createOutbox, type MailKind, type Prepare } from '../../src/mail/outbox.ts';
import { createRecovery, type RecoveryUseCases } from '../../src/recovery/recovery.ts';
import type { TestAppOptions } from '../../src/testing/app.ts';

export interface Weakness {
  /** Anew for each app, as some keep something. */
  readonly app: () => TestAppOptions;
  /** What the scenario says then. */
  readonly found: RegExp;
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
  (change: (prepare: Prepare, kind: string) => Prepare): Makers['outbox'] =>
  (needs) =>
    createOutbox({ ...needs, prepare: mapMails(needs.prepare, change) });

function mapMails(
  prepare: Readonly<Record<MailKind, Prepare>>,
  change: (prepare: Prepare, kind: string) => Prepare,
): Record<MailKind, Prepare> {
  const changed = { ...prepare };
  for (const kind of Object.keys(changed)) {
    if (isKind(kind, changed)) changed[kind] = change(prepare[kind], kind);
  }
  return changed;
}

const isKind = (kind: string, kinds: object): kind is MailKind => Object.hasOwn(kinds, kind);

const updateRecovery = (db: Database, id: string, columns: Parameters<typeof setColumns>[2]) =>
  setColumns(db, id, columns);

const setColumns = (
  db: Database,
  id: string,
  columns: { tries?: number; step?: string; ended_at?: null; end_reason?: null; password_until?: number },
) => db.write((tx) => tx.updateTable('recoveries').set(columns).where('id', '=', id).execute());

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
};
