// Support cases by API.
import { z } from 'zod';
import { readAddress } from '../../accounts/identifiers.ts';
import { accept } from '../../base/outcome.ts';
import type { RecoveryUseCases } from '../../recovery/recovery.ts';
import { caseKinds, type Cases } from '../../support/cases.ts';
import { maxCaseBytes } from '../case.ts';
import type { ApiHandlers } from './handlers.ts';
import { operation } from './operation.ts';
import { answers, requests } from './parts.ts';

const openCase = z
  .strictObject({
    kind: z.enum(caseKinds),
    words: z.string().describe("What happened, in the person's own words."),
    contact: z.string().describe('An address where an answer reaches the person.'),
  })
  .register(requests, { id: 'OpenCase' });

const opened = z
  .strictObject({
    number: z.string().describe('Random, and no secret.'),
    code: z.string().describe('Shown once: with the number it opens the status.'),
  })
  .register(answers, { id: 'OpenedCase' });

export const caseOperations = {
  openCase: operation({
    summary: 'Open a support case',
    about: 'Spends a passed human check for `case`. It changes nothing about any account.',
    takes: 'check',
    request: openCase,
    maxBytes: maxCaseBytes,
    status: 201,
    answer: opened,
    refusals: {
      'case-kind-missing': 'kind',
      'case-words-missing': 'words',
      'case-words-long': 'words',
      'address-shape': 'contact',
      'check-missing': '',
      'too-many': '',
    },
    example: {
      request: { kind: 'mailbox-lost', words: 'My old mailbox is closed.', contact: 'lucia.new@mail.example' },
      answer: { number: 'A3C4D6E7F', code: 'Q4R3T6V9W7X3Y4A6' },
    },
  }),
};

export function caseOperationHandlers({
  cases,
  recovery,
}: {
  cases: Cases;
  recovery: RecoveryUseCases;
}): ApiHandlers<typeof caseOperations> {
  return {
    async openCase({ body, holder, source, locale }) {
      const { kind, words, contact } = body;
      const read = readAddress(contact);
      if (!read.ok) return read;
      const from = await recovery.find(holder.handle('recovery'));
      const opened = await cases.open({
        kind,
        words,
        contact: read.address,
        recoveryId: from?.id ?? null,
        checkHandle: holder.handle('check') ?? '',
        source,
        locale,
      });
      return opened.ok ? accept({ answer: { number: opened.number, code: opened.code } }) : opened;
    },
  };
}
