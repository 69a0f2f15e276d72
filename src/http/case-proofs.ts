// The page on which the person of a case shows that an account is theirs. It answers right and wrong alike.
import { Problem } from '../base/problem.ts';
import type { Outcome, Refused } from '../base/outcome.ts';
import type { Refusal } from '../refusals.ts';
import type { CaseRow, Cases } from '../support/cases.ts';
import { proofWaysOf } from '../support/policy.ts';
import { createFollowedCase } from './followed-case.ts';
import { type Call, goTo, type Handlers, inWords, show } from './handler.ts';
import { isProofForm, type ProofForm, proofsPage, typedForms } from './pages/case-proofs.ts';

interface Kept {
  readonly form: ProofForm;
  readonly typed: string;
  readonly refused: Refused<Refusal>;
}

export function caseProofHandlers({ cases }: { readonly cases: Cases }): Handlers<'case.proofs' | 'case.proofs.send'> {
  const { pageOf, formOf } = createFollowedCase(cases);

  const take: Readonly<
    Record<ProofForm, (call: Call, row: CaseRow, typed: string) => Promise<Outcome<unknown, Refusal>>>
  > = {
    account: ({ visit }, row, identifier) => cases.nameAccount(row, { identifier, source: visit.source }),
    correction: ({ visit }, row, identifier) => cases.correctAccount(row, { identifier, source: visit.source }),
    address: ({ visit }, row, typed) => cases.askAddress(row, { typed, source: visit.source }),
    'address-code': ({ visit }, row, typed) => cases.proveAddress(row, { typed, source: visit.source }),
    code: ({ visit }, row, typed) => cases.proveCode(row, { typed, source: visit.source }),
    browser: ({ visit }, row) =>
      cases.proveBrowser(row, {
        session: visit.cookie('session'),
        device: visit.cookie('device'),
        source: visit.source,
      }),
  };

  async function showProofs(call: Call, row: CaseRow, kept?: Kept): Promise<Response> {
    const { number, kind } = row;
    const ways = proofWaysOf(kind);
    // Nothing is to be shown of it, or no longer.
    if (!kept && (ways.length === 0 || row.state === 'decided')) return goTo(call, 'case', '', { number });
    const asked = await cases.askedAddressOf(row);
    const page = proofsPage(call.frame, {
      number,
      ways,
      account: cases.identifierOf(row),
      mayCorrect: row.corrected_at === null && row.ended_at === null,
      asked,
      done: kept ? undefined : readDone(call.visit.url.searchParams),
      now: call.now,
      refused: kept && { form: kept.form, typed: kept.typed, error: inWords(call, kept.refused) ?? '' },
    });
    return show(call, page, kept?.refused);
  }

  return {
    'case.proofs': pageOf((call, row) => showProofs(call, row)),

    'case.proofs.send': formOf(['form', ...typedForms], async (call, row, sent) => {
      const { form } = sent;
      if (!isProofForm(form)) throw new Problem('bad-request', 'a way to prove something that there is not');
      const typed = form === 'browser' ? '' : sent[form];
      const taken = await take[form](call, row, typed);
      if (!taken.ok) return showProofs(call, row, { form, typed, refused: taken });
      return goTo(call, 'case.proofs', doneBy[form], { number: row.number });
    }),
  };
}

const doneBy = {
  account: '',
  correction: 'corrected',
  address: 'asked',
  'address-code': 'sent',
  code: 'sent',
  browser: 'sent',
} as const satisfies Record<ProofForm, string>;

const readDone = (query: URLSearchParams) => (['sent', 'asked', 'corrected'] as const).find((done) => query.has(done));
