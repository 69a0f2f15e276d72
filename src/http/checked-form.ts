// A form that the human check guards: its block on the page, and its letters when it is sent without script.
import type { Outcome } from '../base/outcome.ts';
import { accept } from '../base/outcome.ts';
import type { Random } from '../base/random.ts';
import type { CheckForm, HumanCheck } from '../human-check/check.ts';
import type { Purpose } from '../human-check/challenge.ts';
import type { Refusal } from '../refusals.ts';
import { contentPolicy } from './guard.ts';
import type { Call } from './handler.ts';
import { checkHandle } from './human-check.ts';
import { checkFields, type HumanCheckBlock } from './pages/human-check.ts';

export interface CheckedForms {
  readonly fields: typeof checkFields;
  /** The browser's handle; a browser without one gets one. */
  keepHandle(call: Call): string;
  block(call: Call, purpose: Purpose, refusal?: Refusal): Promise<HumanCheckBlock>;
  judge(call: Call, purpose: Purpose, form: CheckForm): Promise<Outcome<{ handle: string }, Refusal>>;
}

export interface CheckedFormsNeeds {
  readonly humanCheck: HumanCheck;
  readonly random: Random;
}

export function createCheckedForms({ humanCheck, random }: CheckedFormsNeeds): CheckedForms {
  const keepHandle = ({ visit }: Call) => checkHandle(visit, random);

  return {
    fields: checkFields,
    keepHandle,

    async block(call, purpose, refusal) {
      const check = await humanCheck.view({ handle: keepHandle(call), purpose }, refusal);
      if (check.provided)
        call.context.header('content-security-policy', contentPolicy(check.provided.provider.sources));
      const { t, base, asset } = call.frame;
      return { t, base, asset, check };
    },

    async judge(call, purpose, form) {
      const handle = keepHandle(call);
      const judged = await humanCheck.judgeForm({ handle, purpose, source: call.visit.source }, form);
      return judged.ok ? accept({ handle }) : judged;
    },
  };
}
