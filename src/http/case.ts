// The pages of a support case: the form, and the number and code of a case just opened.
import { readAddress } from '../accounts/identifiers.ts';
import type { Refused } from '../base/outcome.ts';
import type { RecoveryUseCases } from '../recovery/recovery.ts';
import type { Refusal } from '../refusals.ts';
import { type Cases, maxWords } from '../support/cases.ts';
import { caseHandleLifeMs } from '../support/policy.ts';
import type { CheckedForms } from './checked-form.ts';
import { maxBodyBytes, readForm } from './form.ts';
import { type Call, type Handlers, inWords, show } from './handler.ts';
import { caseOpenedPage, type CasePage, casePage } from './pages/case.ts';

export interface CaseNeeds {
  readonly cases: Cases;
  readonly recovery: RecoveryUseCases;
  readonly forms: CheckedForms;
}

export function caseHandlers({ cases, recovery, forms }: CaseNeeds): Handlers<'recover.case' | 'recover.case.send'> {
  async function showForm(
    call: Call,
    typed: Pick<CasePage, 'kind' | 'identifier' | 'words' | 'contact'>,
    refused?: Refused<Refusal>,
  ) {
    const check = await forms.block(call, 'case', refused?.reason);
    const followed = await cases.find(call.visit.cookie('case'));
    return show(
      call,
      casePage(call.frame, {
        ...typed,
        followed: followed?.number,
        check,
        error: inWords(call, refused),
        errorAt: refused && fieldOf(refused.reason),
      }),
      refused,
    );
  }

  return {
    async 'recover.case'(call) {
      const from = await recovery.find(call.visit.cookie('recovery'));
      return showForm(call, { kind: '', identifier: from ? recovery.identifierOf(from) : '', words: '', contact: '' });
    },

    async 'recover.case.send'(call) {
      const fields = ['kind', 'identifier', 'words', 'contact', ...forms.fields] as const;
      const form = await readForm(call.context.req.raw, fields, maxCaseBytes);
      const { kind, identifier, words, contact } = form;
      const typed = { kind, identifier, words, contact };
      // Judged first: letters that were right are not asked for again while a field is put right.
      const judged = await forms.judge(call, 'case', form);
      if (!judged.ok) return showForm(call, typed, judged);
      const read = readAddress(contact);
      if (!read.ok) return showForm(call, typed, read);
      const from = await recovery.find(call.visit.cookie('recovery'));
      const opened = await cases.open({
        kind,
        words,
        contact: read.address,
        identifier,
        recoveryId: from?.id ?? null,
        checkHandle: judged.handle,
        source: call.visit.source,
        locale: call.frame.t.locale,
      });
      if (!opened.ok) return showForm(call, typed, opened);
      call.visit.setCookie('case', opened.handle, caseHandleLifeMs);
      return show(call, caseOpenedPage(call.frame, { opened, kind }));
    },
  };
}

/** Room for the longest words in any script: four bytes a character, each sent as three. */
export const maxCaseBytes = 12 * maxWords + maxBodyBytes;

/** Beside which field a refusal stands; that no kind was chosen stands above the choice, which comes first. */
function fieldOf(reason: Refusal): CasePage['errorAt'] {
  if (reason.startsWith('case-words-')) return 'words';
  if (reason === 'identifier-shape') return 'identifier';
  return reason === 'address-shape' ? 'contact' : undefined;
}
