// The pages of one case, for the browser that follows it; any other is asked for number and code.
import { type Refused, refuse } from '../base/outcome.ts';
import type { Refusal } from '../refusals.ts';
import { readCaseNumber } from '../support/case-number.ts';
import type { CaseRow, Cases } from '../support/cases.ts';
import { maxBodyBytes, readForm } from './form.ts';
import { type Call, goTo, type Handler, inWords, show } from './handler.ts';
import { statusAskPage, type StatusAskPage } from './pages/case-status.ts';

export interface FollowedCase {
  /** Where number and code are asked for. */
  showAsk(call: Call, typed: Pick<StatusAskPage, 'number' | 'code'>, refused?: Refused<Refusal>): Promise<Response>;
  /** A page of the followed case; else the way to where number and code are asked for. */
  pageOf(show: (call: Call, row: CaseRow) => Promise<Response> | Response): Handler;
  /** A form of the followed case, read before anything else is looked at. */
  formOf<Field extends string>(
    fields: readonly Field[],
    take: (call: Call, row: CaseRow, form: Record<Field, string>) => Promise<Response>,
    maxBytes?: number,
  ): Handler;
}

export function createFollowedCase(cases: Pick<Cases, 'find'>): FollowedCase {
  const numberOf = (call: Call): string => {
    const asked = readCaseNumber(call.context.req.param('number') ?? '');
    return asked.ok ? asked.number : '';
  };

  /** The case in the address, where this browser follows it. */
  const followed = async (call: Call): Promise<CaseRow | undefined> => {
    const row = await cases.find(call.visit.cookie('case'));
    return row?.number === numberOf(call) ? row : undefined;
  };

  const showAsk: FollowedCase['showAsk'] = (call, typed, refused) =>
    show(
      call,
      statusAskPage(call.frame, {
        ...typed,
        error: inWords(call, refused),
        errorAt: refused && askFieldOf(refused.reason),
      }),
      refused,
    );

  return {
    showAsk,

    pageOf: (show) => async (call) => {
      const row = await followed(call);
      const number = numberOf(call);
      return row ? show(call, row) : goTo(call, 'case.status', number && `number=${number}`);
    },

    formOf:
      (fields, take, maxBytes = maxBodyBytes) =>
      async (call) => {
        const form = await readForm(call.context.req.raw, fields, maxBytes);
        const row = await followed(call);
        return row
          ? take(call, row, form)
          : showAsk(call, { number: numberOf(call), code: '' }, refuse('case-missing'));
      },
  };
}

/** Beside which field a refusal stands. */
function askFieldOf(reason: Refusal): StatusAskPage['errorAt'] {
  if (reason === 'case-number-shape') return 'number';
  return reason === 'case-code-shape' ? 'code' : undefined;
}
