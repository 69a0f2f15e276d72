// Where a person is signed in, by API: the list, and ending what is in it.
import * as z from 'zod';
import { accept } from '../../base/outcome.ts';
import type { OwnAccount } from '../../own-account/own-account.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, exampleId, id, requests } from './parts.ts';
import { forSignedIn, passwordAgain, signedInRefusals } from './signed-in.ts';

const list = z
  .strictObject({
    sessions: z
      .array(
        z.strictObject({
          id,
          isThis: z.boolean().describe('The one that asks; it stands first.'),
          label: z.string().describe('Such as "Firefox · Windows"; empty where nothing is known.'),
          begunAgoMs: z.int().min(0),
          usedAgoMs: z.int().min(0).describe('To the hour.'),
        }),
      )
      .describe('The live ones.'),
  })
  .register(answers, { id: 'Sessions' });

const endSession = z.strictObject({ password: z.string() }).register(requests, { id: 'EndSession' });
const endOtherSessions = z.strictObject({ password: z.string() }).register(requests, { id: 'EndOtherSessions' });

const exampleSessions = [{ id: exampleId, isThis: true, label: 'Firefox · Windows', begunAgoMs: 0, usedAgoMs: 0 }];
const examplePassword = { password: 'seven green umbrellas' };

export const ownSessionOperations = {
  listSessions: operation({
    summary: 'List where one is signed in',
    takes: 'session',
    request: undefined,
    status: 200,
    answer: list,
    refusals: { 'session-missing': '' },
    example: { request: undefined, answer: { sessions: exampleSessions } },
  }),

  endSession: operation({
    summary: 'End one session, and forget its browser',
    about: 'Of the own account alone; one that is over already is no fault. Gives the sessions that are left.',
    takes: 'session',
    request: endSession,
    status: 200,
    answer: list,
    refusals: { ...signedInRefusals, ...passwordAgain },
    example: { request: examplePassword, answer: { sessions: exampleSessions } },
  }),

  endOtherSessions: operation({
    summary: 'End all other sessions, and forget their browsers',
    takes: 'session',
    request: endOtherSessions,
    status: 200,
    answer: list,
    refusals: { ...signedInRefusals, ...passwordAgain },
    example: { request: examplePassword, answer: { sessions: exampleSessions } },
  }),
};

export function ownSessionOperationHandlers({
  signIn,
  ownAccount,
}: {
  signIn: SignIn;
  ownAccount: OwnAccount;
}): ApiHandlers<typeof ownSessionOperations> {
  async function describe(who: Parameters<OwnAccount['sessionsOf']>[0], { now }: ApiCall<unknown>) {
    const all = await ownAccount.sessionsOf(who);
    const sessions = all.map(({ id, isThis, label, createdAt, lastUsedAt }) => ({
      id,
      isThis,
      label,
      begunAgoMs: Math.max(0, now - createdAt),
      usedAgoMs: Math.max(0, now - lastUsedAt),
    }));
    return accept({ answer: { sessions } });
  }

  /** `null`: all others. */
  const end = (call: ApiCall<{ password: string }>, sessionId: string | null) =>
    forSignedIn(signIn, call, async (who) => {
      const ended = await ownAccount.endSessions(who, { ...call.body, sessionId, source: call.source });
      return ended.ok ? describe(who, call) : ended;
    });

  return {
    listSessions: (call) => forSignedIn(signIn, call, (who) => describe(who, call)),
    endSession: (call) => end(call, call.parameter('id')),
    endOtherSessions: (call) => end(call, null),
  };
}
