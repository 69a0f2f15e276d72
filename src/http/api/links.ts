// The links of our mails by API. Opening one does nothing: each acts with what is printed in the same mail alone (D9, D11).
import * as z from 'zod';
import { accept, refuse } from '../../base/outcome.ts';
import type { PasswordChanges } from '../../password-changes/password-changes.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import { objectedWords } from '../../releases/objections.ts';
import type { Releases } from '../../releases/releases.ts';
import type { SignUp } from '../../sign-in/sign-up.ts';
import type { ApiCall, ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, codeRefusals, exampleId, requests } from './parts.ts';
import { atPassword, enterCode, exampleCode, recovery, type RecoveryAnswers } from './recovery-answer.ts';

const link = z
  .strictObject({
    leadsTo: z
      .enum(['continue', 'stop', 'disown', 'object', 'grant', 'sign-up'])
      .describe(
        'What can be done with it: go on here; "This was not me", from a mail with a code, from the notice of a change, or of a release; choose a new password with the code of a case; or go on here with a sign-up.',
      ),
  })
  .register(answers, { id: 'Link' });

const stopped = z
  .strictObject({
    continueToken: z
      .string()
      .nullable()
      .describe('"It is me after all": the token of the mail\'s other link, unless its code was spent.'),
  })
  .register(answers, { id: 'Stopped' });

const typedNumber = z
  .strictObject({ number: z.string().describe('The six digits in the notice.') })
  .register(requests, { id: 'EnterNumber' });

const disowned = z
  .strictObject({
    isSuspended: z.boolean().describe('False: another change has set the password since, and that one stays.'),
    address: z.string().nullable().describe('Where the notice went, and so where a recovery can begin.'),
  })
  .register(answers, { id: 'Disowned' });

const objected = z
  .strictObject({
    objected: z
      .enum(objectedWords)
      .describe(
        'It ended; its password is suspended; it is contested, and support looks closer; that was said before and nothing is open; or the account is not closed, is open again, or stays closed as the site disabled it.',
      ),
  })
  .register(answers, { id: 'Objected' });

const openGrant = z
  .strictObject({ code: z.string().describe('Of the case; it was shown once, at its opening, and is in no mail.') })
  .register(requests, { id: 'OpenGrant' });

const tryRefusals = { 'link-over': '', 'too-many': '' } as const;

export const linkOperations = {
  readLink: operation({
    summary: 'Read what the link in a mail leads to',
    takes: 'check',
    request: undefined,
    status: 200,
    answer: link,
    refusals: { 'link-over': '' },
    example: { request: undefined, answer: { leadsTo: 'continue' } },
  }),

  continueFromMail: operation({
    summary: 'Go on from the link in a mail',
    about: 'With the code of that mail. Tries count by the handle of the human check, else by network.',
    takes: 'check',
    gives: 'recovery',
    request: enterCode,
    status: 200,
    answer: recovery,
    refusals: { ...codeRefusals, ...tryRefusals },
    example: { request: exampleCode, answer: atPassword },
  }),

  stopFromMail: operation({
    summary: '"This was not me", from the link in a mail',
    about: 'With the code of that mail. Typing codes ends, and recovery mail falls silent for a day.',
    takes: 'check',
    request: enterCode,
    status: 200,
    answer: stopped,
    refusals: { ...codeRefusals, ...tryRefusals },
    example: { request: exampleCode, answer: { continueToken: exampleId } },
  }),

  resumeFromMail: operation({
    summary: '"It is me after all", after a stop',
    about: 'With the code of that mail. Recovery mail goes out again; the codes that were stopped stay so.',
    takes: 'check',
    request: enterCode,
    status: 204,
    answer: undefined,
    refusals: { ...codeRefusals, ...tryRefusals },
    example: { request: exampleCode, answer: undefined },
  }),

  disownFromNotice: operation({
    summary: '"This was not me", from the notice of a change',
    about:
      'With the number in that notice. Everybody is signed out, and the password that the change set is suspended.',
    takes: 'check',
    request: typedNumber,
    status: 200,
    answer: disowned,
    refusals: { 'number-missing': 'number', 'number-shape': 'number', 'number-wrong': 'number', ...tryRefusals },
    example: { request: { number: '408 805' }, answer: { isSuspended: true, address: 'lucia@mail.example' } },
  }),

  objectFromNotice: operation({
    summary: '"This was not me", from the notice of a release',
    about: 'With the number in that notice. The account is not given to whoever asks the support desk for it.',
    takes: 'check',
    request: typedNumber,
    status: 200,
    answer: objected,
    refusals: { 'number-missing': 'number', 'number-shape': 'number', 'number-wrong': 'number', ...tryRefusals },
    example: { request: { number: '408 805' }, answer: { objected: 'noted' } },
  }),

  openGrant: operation({
    summary: 'Go on to the new password, from the link that the support desk sent',
    about:
      'With the code of the case. It works once, and has 5 tries; whoever has the account can stop it until the password is set.',
    takes: 'check',
    gives: 'recovery',
    request: openGrant,
    status: 200,
    answer: recovery,
    refusals: { 'case-code-shape': 'code', 'grant-code-wrong': 'code', ...tryRefusals },
    example: { request: { code: 'Q4R3 T6V9 W7X3 Y4A6' }, answer: atPassword },
  }),
};

export function linkOperationHandlers({
  recovery: recoveries,
  passwordChanges,
  releases,
  signUp,
  recoveryAnswers: { begun },
}: {
  recovery: RecoveryUseCases;
  passwordChanges: PasswordChanges;
  releases: Pick<Releases, 'noticeAbout' | 'objectFromNotice' | 'grants'>;
  signUp: Pick<SignUp, 'findByLink'>;
  recoveryAnswers: RecoveryAnswers;
}): ApiHandlers<typeof linkOperations> {
  /** Whose try it is: the client's own where it has a handle, else its network's. */
  const underLink = ({ parameter, holder, source }: ApiCall<unknown>) => ({
    token: parameter('token'),
    browser: holder.handle('check') ?? source,
    source,
  });

  return {
    async readLink({ parameter }) {
      const token = parameter('token');
      if (await recoveries.isLinkLive(token)) return accept({ answer: { leadsTo: 'continue' } as const });
      if (await recoveries.isStopLive(token)) return accept({ answer: { leadsTo: 'stop' } as const });
      if (await passwordChanges.isNoticeLive(token)) return accept({ answer: { leadsTo: 'disown' } as const });
      if (await releases.noticeAbout(token)) return accept({ answer: { leadsTo: 'object' } as const });
      if (await releases.grants.isLive(token)) return accept({ answer: { leadsTo: 'grant' } as const });
      if (await signUp.findByLink(token)) return accept({ answer: { leadsTo: 'sign-up' } as const });
      return refuse('link-over');
    },

    async continueFromMail(call) {
      const { body, locale } = call;
      return begun(call, await recoveries.enterLinkCode({ ...underLink(call), typed: body.code, locale }));
    },

    async stopFromMail(call) {
      const done = await recoveries.stop({ ...underLink(call), typed: call.body.code });
      return done.ok ? accept({ answer: { continueToken: done.continueToken ?? null } }) : done;
    },

    resumeFromMail: (call) => recoveries.resume({ ...underLink(call), typed: call.body.code }),

    async disownFromNotice(call) {
      const done = await passwordChanges.disown({ ...underLink(call), typed: call.body.number });
      if (!done.ok) return done;
      return accept({ answer: { isSuspended: done.isSuspended, address: done.address ?? null } });
    },

    async objectFromNotice(call) {
      const done = await releases.objectFromNotice({ ...underLink(call), typed: call.body.number });
      return done.ok ? accept({ answer: { objected: done.objected } }) : done;
    },

    async openGrant(call) {
      const { body, locale } = call;
      const opened = await releases.grants.open({ ...underLink(call), typed: body.code, locale });
      if (!opened.ok) return opened;
      const found = await recoveries.find(opened.handle);
      if (!found) return refuse('link-over');
      return begun(
        call,
        accept({ recovery: found, identifier: recoveries.identifierOf(found), handle: opened.handle }),
      );
    },
  };
}
