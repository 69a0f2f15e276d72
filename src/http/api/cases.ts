// Support cases by API: opening one, and following one by its handle, as the pages show it.
import * as z from 'zod';
import { readAddress } from '../../accounts/identifiers.ts';
import { accept, type Outcome, refuse } from '../../base/outcome.ts';
import { resendWaitMs } from '../../proofs/email-code.ts';
import type { Settings } from '../../config/settings.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import type { Refusal } from '../../refusals.ts';
import { type Releases, toldState } from '../../releases/releases.ts';
import { caseStates } from '../../support/case-flow.ts';
import { caseKinds, type CaseRow, type Cases, isCaseKind, maxWords } from '../../support/cases.ts';
import { answerDueAt, caseHandleLifeMs } from '../../support/policy.ts';
import { maxCaseBytes } from '../case.ts';
import type { ApiCall, ApiHandlers, ApiGate } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, codeRefusals, exampleHandle, forMs, handle, method, requests, typedCode } from './parts.ts';

const kind = z.enum(caseKinds);

const openCase = z
  .strictObject({
    kind,
    words: z.string().describe("What happened, in the person's own words."),
    contact: z.string().describe('An address where an answer reaches the person.'),
    identifier: z
      .string()
      .optional()
      .describe('Whose account it is about, if the person knows: an email or a user ID.'),
    recoveryHandle: z
      .string()
      .max(200)
      .optional()
      .describe('Of the recovery that it came from, with a client that keeps its handles itself.'),
  })
  .register(requests, { id: 'OpenCase' });

const opened = z
  .strictObject({
    number: z.string().describe('Random, and no secret.'),
    code: z.string().describe('Shown once: with the number it shows how the case stands.'),
    handle,
  })
  .register(answers, { id: 'OpenedCase' });

const followCase = z
  .strictObject({ number: z.string(), code: z.string().describe('Of the case; spaces and dashes are forgiven.') })
  .register(requests, { id: 'FollowCase' });

const status = z
  .strictObject({
    number: z.string(),
    kind,
    state: z.enum(caseStates).describe('Received, something is asked of the person, being decided, decided.'),
    openedAgoMs: z.int().min(0),
    answerInMs: forMs('Until an answer is promised').nullable(),
    contact: z
      .strictObject({
        address: z.string(),
        isConfirmed: z.boolean(),
        codeLifeMs: forMs('How long the code mailed to it can be typed'),
        resendInMs: forMs('Until the mail may be asked for again'),
        areTriesUsed: z.boolean().describe('No code can be right any more: give the address once more.'),
      })
      .nullable(),
    account: z
      .string()
      .nullable()
      .describe('Whose account it is about, as the person typed it; whether there is one is never told.'),
    mayCorrectAccount: z.boolean().describe('It can be corrected once.'),
    askedAddress: z
      .strictObject({
        address: z.string(),
        codeLifeMs: forMs('How long the code can be typed'),
        resendInMs: forMs('Until the mail may be asked for again'),
      })
      .nullable()
      .describe('Where a code was asked to last, as a proof; whether one went there is never told.'),
    release: z
      .strictObject({
        state: z.enum(['holding', 'released', 'opened', 'spent', 'lapsed', 'closing']),
        endsInMs: forMs('Until the hold is over, or the link'),
      })
      .nullable()
      .describe(
        'The account is being given to the person: held, by a link in the mail of the contact, where the link was opened and the password is being chosen, the password set, or not used in time. Or the owner has died, and it is closed once that time is over.',
      ),
    pictures: z
      .strictObject({
        maxBytes: z.int().describe('The largest that is taken.'),
        sentAgoMs: z.array(z.int().min(0)).describe('When the person sent one, the oldest first.'),
      })
      .nullable()
      .describe('`null`: this site takes none.'),
    messages: z
      .array(z.strictObject({ author: z.enum(['person', 'desk']), words: z.string(), writtenAgoMs: z.int().min(0) }))
      .describe('What the person and the desk wrote to each other, the oldest first.'),
    handle,
  })
  .register(answers, { id: 'Case' });

const askForProof = z.strictObject({ method }).register(requests, { id: 'AskForContactProof' });
const confirmContact = z.strictObject({ code: typedCode }).register(requests, { id: 'ConfirmContact' });
const writeToDesk = z
  .strictObject({ words: z.string().describe(`At most ${maxWords} characters.`) })
  .register(requests, { id: 'WriteToDesk' });
const sendCasePicture = z
  .strictObject({ picture: z.string().describe('A PNG or JPEG, in Base64.') })
  .register(requests, { id: 'SendCasePicture' });
const changeContact = z.strictObject({ contact: z.string() }).register(requests, { id: 'ChangeContact' });

const nameCaseAccount = z
  .strictObject({ identifier: z.string().describe('An email or a user ID.') })
  .register(requests, { id: 'NameCaseAccount' });
const askForCaseAddressCode = z
  .strictObject({ address: z.string().describe('Another address of the account, which the person can read.') })
  .register(requests, { id: 'AskForCaseAddressCode' });
const proveCaseAddress = z.strictObject({ code: typedCode }).register(requests, { id: 'ProveCaseAddress' });
const proveCaseCode = z
  .strictObject({
    code: z
      .string()
      .describe('Two codes of the authenticator app that follow each other, 12 digits in all, or a spare code.'),
  })
  .register(requests, { id: 'ProveCaseCode' });
const proveCaseBrowser = z
  .strictObject({
    sessionHandle: z.string().max(200).optional().describe('Of a client that keeps its handles itself.'),
    deviceHandle: z.string().max(200).optional().describe('The same.'),
  })
  .register(requests, { id: 'ProveCaseBrowser' });

/** Right and wrong are answered alike: whoever was told could collect proofs, and learn which accounts there are. */
const proofAbout =
  'Right and wrong are answered the same, for an account and for none; the support desk alone sees what was proved.';

const exampleContact = {
  address: 'lucia.new@mail.example',
  isConfirmed: false,
  codeLifeMs: 1_800_000,
  resendInMs: 60_000,
  areTriesUsed: false,
};
const exampleCase = {
  number: 'A3C4D6E7F',
  kind: 'mailbox-lost' as const,
  state: 'received' as const,
  openedAgoMs: 0,
  answerInMs: 172_800_000,
  contact: exampleContact,
  account: 'lucia',
  mayCorrectAccount: true,
  askedAddress: null,
  release: null,
  pictures: { maxBytes: 1_048_576, sentAgoMs: [] },
  messages: [],
};
/** Of a PNG: one grey pixel. */
const examplePicture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==';

export const caseOperations = {
  openCase: operation({
    summary: 'Open a support case',
    about:
      'Spends a passed human check for `case`; the handle that it takes is that of the check. It changes nothing about any account.',
    takes: 'check',
    gives: 'case',
    request: openCase,
    maxBytes: maxCaseBytes,
    status: 201,
    answer: opened,
    refusals: {
      'case-kind-missing': 'kind',
      'case-words-missing': 'words',
      'case-words-long': 'words',
      'address-shape': 'contact',
      'identifier-shape': 'identifier',
      'check-missing': '',
      'check-letters': '',
      'check-wait': '',
      'too-many': '',
    },
    example: {
      request: {
        kind: 'mailbox-lost',
        words: 'My old mailbox is closed.',
        contact: 'lucia.new@mail.example',
        identifier: 'lucia',
      },
      answer: { number: 'A3C4D6E7F', code: 'Q4R3T6V9W7X3Y4A6', handle: exampleHandle },
    },
  }),

  followCase: operation({
    summary: 'Follow a case, by its number and code',
    about: 'A wrong pair and an unknown number are answered the same.',
    takes: 'case',
    gives: 'case',
    request: followCase,
    status: 200,
    answer: status,
    refusals: {
      'case-number-shape': 'number',
      'case-code-shape': 'code',
      'case-pair-wrong': '',
      'case-missing': '',
      'too-many': '',
    },
    example: {
      request: { number: 'A3C 4D6 E7F', code: 'Q4R3 T6V9 W7X3 Y4A6' },
      answer: { ...exampleCase, handle: exampleHandle },
    },
  }),

  readCase: operation({
    summary: 'Read how the case stands',
    takes: 'case',
    request: undefined,
    status: 200,
    answer: status,
    refusals: { 'case-missing': '' },
    example: { request: undefined, answer: exampleCase },
  }),

  writeToDesk: operation({
    summary: 'Write to the desk about the case',
    about: 'An answer where something was asked, or whatever else there is to say. A decided case is looked at again.',
    takes: 'case',
    request: writeToDesk,
    maxBytes: maxCaseBytes,
    status: 200,
    answer: status,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'case-words-missing': 'words',
      'case-words-long': 'words',
      'too-many': '',
    },
    example: {
      request: { words: 'I still have the phone number of last year.' },
      answer: {
        ...exampleCase,
        messages: [
          { author: 'person' as const, words: 'I still have the phone number of last year.', writtenAgoMs: 0 },
        ],
      },
    },
  }),

  sendCasePicture: operation({
    summary: 'Send a picture with the case',
    about:
      'Where the site takes them (`pictures` of the case is not `null`). It is made anew, and nobody but the support desk sees it.',
    takes: 'case',
    request: sendCasePicture,
    // In Base64 a third longer. Beyond twice the size nothing is read to its end.
    maxBytes: ({ casePictureKb }) => maxCaseBytes + 3 * casePictureKb * 1_024,
    tooLong: 'picture-large',
    status: 200,
    answer: status,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'picture-missing': 'picture',
      'picture-large': 'picture',
      'picture-kind': 'picture',
      'picture-pixels': 'picture',
      'too-many': '',
    },
    example: {
      request: { picture: examplePicture },
      answer: { ...exampleCase, pictures: { maxBytes: 1_048_576, sentAgoMs: [0] } },
    },
  }),

  askForContactCode: operation({
    summary: 'Ask for the mail to the contact again',
    takes: 'case',
    request: askForProof,
    status: 200,
    answer: status,
    refusals: { 'case-missing': '', 'case-state': '', 'resend-soon': '', 'recovery-moved': '' },
    example: {
      request: { method: 'email-code' },
      answer: {
        ...exampleCase,
        openedAgoMs: 60_000,
        answerInMs: 172_740_000,
        contact: { ...exampleContact, codeLifeMs: 1_740_000 },
      },
    },
  }),

  confirmContact: operation({
    summary: 'Confirm the contact with the mailed code',
    takes: 'case',
    request: confirmContact,
    status: 200,
    answer: status,
    refusals: {
      'case-missing': '',
      'case-state': '',
      ...codeRefusals,
      'code-expired': 'code',
      'tries-used': 'code',
      'too-many': '',
    },
    example: {
      request: { code: '4711 0815' },
      answer: { ...exampleCase, contact: { ...exampleContact, isConfirmed: true } },
    },
  }),

  changeContact: operation({
    summary: 'Give another contact, while none is confirmed',
    takes: 'case',
    request: changeContact,
    status: 200,
    answer: status,
    refusals: { 'case-missing': '', 'case-state': '', 'address-shape': 'contact', 'too-many': '' },
    example: { request: { contact: 'lucia.new@mail.example' }, answer: exampleCase },
  }),

  nameCaseAccount: operation({
    summary: 'Say whose account the case is about, or correct that once',
    about: 'Where it is corrected, what was proved of the first account no longer counts.',
    takes: 'case',
    request: nameCaseAccount,
    status: 200,
    answer: status,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'identifier-missing': 'identifier',
      'identifier-shape': 'identifier',
    },
    example: {
      request: { identifier: 'lucia' },
      answer: exampleCase,
    },
  }),

  askForCaseAddressCode: operation({
    summary: 'Ask for a code to another address of the account, as a proof',
    about: 'A code goes there if the address belongs to the account; the answer is the same if not.',
    takes: 'case',
    request: askForCaseAddressCode,
    status: 200,
    answer: status,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'address-shape': 'address',
      'resend-soon': '',
      'recovery-moved': '',
      'too-many': '',
    },
    example: {
      request: { address: 'lucia.old@mail.example' },
      answer: {
        ...exampleCase,
        askedAddress: { address: 'lucia.old@mail.example', codeLifeMs: 1_800_000, resendInMs: 60_000 },
      },
    },
  }),

  proveCaseAddress: operation({
    summary: 'Show the code that was mailed there',
    about: proofAbout,
    takes: 'case',
    request: proveCaseAddress,
    status: 204,
    answer: undefined,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'code-missing': 'code',
      'code-shape': 'code',
      'code-expired': 'code',
      'too-many': '',
    },
    example: { request: { code: '4711 0815' }, answer: undefined },
  }),

  proveCaseCode: operation({
    summary: 'Show two codes of the authenticator app, or a spare code',
    about: proofAbout,
    takes: 'case',
    request: proveCaseCode,
    status: 204,
    answer: undefined,
    refusals: {
      'case-missing': '',
      'case-state': '',
      'proof-code-missing': 'code',
      'proof-code-one': 'code',
      'proof-code-shape': 'code',
      'too-many': '',
    },
    example: { request: { code: '471 108 150 912' }, answer: undefined },
  }),

  proveCaseBrowser: operation({
    summary: 'Show that this browser is signed in to the account, or was',
    about: `It counts beside another proof alone. ${proofAbout}`,
    takes: 'case',
    request: proveCaseBrowser,
    status: 204,
    answer: undefined,
    refusals: { 'case-missing': '', 'case-state': '', 'too-many': '' },
    example: { request: { sessionHandle: exampleHandle }, answer: undefined },
  }),
};

export const caseOperationGates = ({
  cases,
}: {
  readonly cases: Pick<Cases, 'find'>;
}): Readonly<Record<'sendCasePicture', ApiGate>> => ({
  sendCasePicture: async (holder) =>
    (await cases.find(holder.handle('case'))) === undefined ? refuse('case-missing') : accept(),
});

export function caseOperationHandlers({
  cases,
  recovery,
  releases,
  settings,
}: {
  cases: Cases;
  recovery: RecoveryUseCases;
  releases: Pick<Releases, 'standingOf'>;
  settings: Pick<Settings, 'casePictureKb'>;
}): ApiHandlers<typeof caseOperations> {
  const maxPictureBytes = settings.casePictureKb * 1_024;

  async function describe(row: CaseRow, now: number): Promise<z.output<typeof status>> {
    const contact = await cases.contactOf(row);
    const messages = await cases.messagesOf(row);
    const asked = await cases.askedAddressOf(row);
    const release = await releases.standingOf(row.id);
    const account = cases.identifierOf(row);
    const pictures = cases.takesPictures ? await cases.picturesOf(row) : undefined;
    const { number, kind, state } = row;
    const dueAt = answerDueAt(row);
    return {
      number,
      kind: isCaseKind(kind) ? kind : 'other',
      state: toldState(state, release),
      openedAgoMs: Math.max(0, now - row.created_at),
      answerInMs: dueAt === undefined ? null : Math.max(0, dueAt - now),
      contact: contact
        ? {
            address: contact.address,
            isConfirmed: contact.isConfirmed,
            codeLifeMs: Math.max(0, contact.codeExpiresAt - now),
            resendInMs: Math.max(0, contact.mailAskedAt + resendWaitMs - now),
            areTriesUsed: contact.areTriesUsed,
          }
        : null,
      account: account === '' ? null : account,
      mayCorrectAccount: account !== '' && row.corrected_at === null && row.ended_at === null,
      askedAddress: asked
        ? {
            address: asked.address,
            codeLifeMs: Math.max(0, asked.codeExpiresAt - now),
            resendInMs: Math.max(0, asked.mailAskedAt + resendWaitMs - now),
          }
        : null,
      release: release ? { state: release.state, endsInMs: Math.max(0, release.until - now) } : null,
      pictures: pictures
        ? { maxBytes: maxPictureBytes, sentAgoMs: pictures.map(({ addedAt }) => Math.max(0, now - addedAt)) }
        : null,
      messages: messages.map(({ author, words, writtenAt }) => ({
        author,
        words,
        writtenAgoMs: Math.max(0, now - writtenAt),
      })),
    };
  }

  /** The case as it stands after what was done to it: an answer moves it. */
  async function followed(
    { holder, now }: ApiCall<unknown>,
    act?: (row: CaseRow) => Promise<Outcome<unknown, Refusal>>,
  ) {
    const row = await cases.find(holder.handle('case'));
    if (!row) return refuse('case-missing');
    const done = await act?.(row);
    if (done?.ok === false) return done;
    const stands = done && (await cases.find(holder.handle('case')));
    return accept({ answer: await describe(stands ?? row, now) });
  }

  /** A proof: thanked, and no more. */
  async function proved(
    { holder }: ApiCall<unknown>,
    show: (row: CaseRow) => Promise<Outcome<unknown, Refusal>>,
  ): Promise<Outcome<unknown, Refusal>> {
    const row = await cases.find(holder.handle('case'));
    return row ? show(row) : refuse('case-missing');
  }

  return {
    async openCase({ body, holder, source, locale }) {
      const { kind, words, contact, identifier = '', recoveryHandle } = body;
      const read = readAddress(contact);
      if (!read.ok) return read;
      const from = await recovery.find(holder.handle('recovery') ?? recoveryHandle);
      const opened = await cases.open({
        kind,
        words,
        contact: read.address,
        identifier,
        recoveryId: from?.id ?? null,
        checkHandle: holder.handle('check') ?? '',
        source,
        locale,
      });
      if (!opened.ok) return opened;
      const { number, code } = opened;
      return accept({ answer: { number, code, ...holder.give('case', opened.handle, caseHandleLifeMs) } });
    },

    async followCase({ body, holder, source, now }) {
      const entered = await cases.enter({ ...body, source });
      if (!entered.ok) return entered;
      const row = await cases.find(entered.handle);
      if (!row) return refuse('case-missing');
      const given = holder.give('case', entered.handle, caseHandleLifeMs);
      return accept({ answer: { ...(await describe(row, now)), ...given } });
    },

    readCase: (call) => followed(call),

    writeToDesk: (call) => followed(call, (row) => cases.write(row, { words: call.body.words, source: call.source })),

    sendCasePicture: (call) =>
      followed(call, async (row) => {
        const bytes = Buffer.from(call.body.picture, 'base64');
        if (bytes.length === 0) return refuse('picture-missing');
        if (bytes.length > maxPictureBytes && cases.takesPictures) return refuse('picture-large');
        return cases.addPicture(row, { bytes, source: call.source });
      }),

    askForContactCode: (call) => followed(call, cases.askContactAgain),

    confirmContact: (call) =>
      followed(call, (row) => cases.confirmContact(row, { typed: call.body.code, source: call.source })),

    changeContact: (call) =>
      followed(call, (row) => cases.changeContact(row, { typed: call.body.contact, source: call.source })),

    nameCaseAccount: (call) =>
      followed(call, (row) => {
        const named = { identifier: call.body.identifier, source: call.source };
        return cases.identifierOf(row) === '' ? cases.nameAccount(row, named) : cases.correctAccount(row, named);
      }),

    askForCaseAddressCode: (call) =>
      followed(call, (row) => cases.askAddress(row, { typed: call.body.address, source: call.source })),

    proveCaseAddress: (call) =>
      proved(call, (row) => cases.proveAddress(row, { typed: call.body.code, source: call.source })),

    proveCaseCode: (call) =>
      proved(call, (row) => cases.proveCode(row, { typed: call.body.code, source: call.source })),

    proveCaseBrowser: (call) =>
      proved(call, (row) =>
        cases.proveBrowser(row, {
          session: call.holder.handle('session') ?? call.body.sessionHandle,
          device: call.device.token ?? call.body.deviceHandle,
          source: call.source,
        }),
      ),
  };
}
