// The pages of a case that is there: number and code, how it stands, and the code mailed to its contact. A browser follows
// one case at a time; at the address of any other it is asked for number and code.
import { type Refused, refuse } from '../base/outcome.ts';
import { Problem } from '../base/problem.ts';
import { resendWaitMs } from '../proofs/email-code.ts';
import type { Refusal } from '../refusals.ts';
import type { Releases } from '../releases/releases.ts';
import { inGroupsOfThree, readCaseNumber } from '../support/case-number.ts';
import type { CaseRow, Cases } from '../support/cases.ts';
import { caseHandleLifeMs } from '../support/policy.ts';
import { maxCaseBytes } from './case.ts';
import { createFollowedCase } from './followed-case.ts';
import { readFile, readForm } from './form.ts';
import { type Call, goTo, type Handlers, inWords, show } from './handler.ts';
import { contactChangePage, contactPage, statusPage } from './pages/case-status.ts';
import type { RouteName } from './routes.ts';

/** What a refused form brings back to its page. */
interface Kept {
  readonly refused?: Refused<Refusal>;
  readonly typed?: string;
}

type CaseRoute = Exclude<Extract<RouteName, 'case' | `case.${string}`>, `case.proofs${string}`>;

export function caseStatusHandlers({
  cases,
  releases,
}: {
  readonly cases: Cases;
  readonly releases: Pick<Releases, 'standingOf'>;
}): Handlers<CaseRoute> {
  const { showAsk, pageOf, formOf } = createFollowedCase(cases);

  const toCase = (call: Call, { number }: CaseRow, query = '') => goTo(call, 'case', query, { number });

  async function showCase(call: Call, row: CaseRow, { typed = '', refused }: Kept = {}): Promise<Response> {
    const page = statusPage(call.frame, {
      row,
      contact: await cases.contactOf(row),
      release: await releases.standingOf(row.id),
      messages: await cases.messagesOf(row),
      pictures: cases.takesPictures ? await cases.picturesOf(row) : undefined,
      maxPictureKb: call.settings.casePictureKb,
      isPictureSent: refused === undefined && call.visit.url.searchParams.has('pictured'),
      typed,
      isWritten: refused === undefined && call.visit.url.searchParams.has('written'),
      error: inWords(call, refused),
      refused: refused?.reason,
      now: call.now,
    });
    return show(call, page, refused);
  }

  /** The page that the contact is at: its code, another address once the tries are used, or the case once it is settled. */
  async function showContact(call: Call, row: CaseRow, { typed = '', refused }: Kept = {}): Promise<Response> {
    const contact = await cases.contactOf(row);
    if (!contact || contact.isConfirmed) return toCase(call, row);
    const { number } = row;
    if (contact.areTriesUsed) {
      const { address } = contact;
      const used = call.frame.t('case.contact-used');
      return show(call, contactChangePage(call.frame, { number, contact: address, notice: used }), refused);
    }
    const isAboutResend = refused?.reason === 'resend-soon';
    const error = inWords(call, refused);
    const page = contactPage(call.frame, {
      number,
      contact,
      typed,
      now: call.now,
      resendWaitMs: contact.mailAskedAt + resendWaitMs - call.now,
      isAskedAgain: refused === undefined && call.visit.url.searchParams.has('again'),
      ...(isAboutResend ? { resendError: error } : { error }),
    });
    return show(call, page, refused);
  }

  async function showChange(call: Call, row: CaseRow, { typed, refused }: Kept = {}): Promise<Response> {
    const contact = await cases.contactOf(row);
    if (!contact || contact.isConfirmed) return toCase(call, row);
    const error = inWords(call, refused);
    const isAtField = refused?.reason === 'address-shape';
    const page = contactChangePage(call.frame, {
      number: row.number,
      contact: typed ?? contact.address,
      ...(isAtField ? { error } : { notice: error }),
    });
    return show(call, page, refused);
  }

  const toContact = (call: Call, { number }: CaseRow, query = '') => goTo(call, 'case.contact', query, { number });

  return {
    'case.status'(call) {
      const read = readCaseNumber(call.visit.url.searchParams.get('number') ?? '');
      return showAsk(call, { number: read.ok ? inGroupsOfThree(read.number) : '', code: '' });
    },

    async 'case.status.send'(call) {
      const { number, code } = await readForm(call.context.req.raw, ['number', 'code']);
      const entered = await cases.enter({ number, code, source: call.visit.source });
      if (!entered.ok) return showAsk(call, { number, code }, entered);
      call.visit.setCookie('case', entered.handle, caseHandleLifeMs);
      return goTo(call, 'case', '', { number: entered.number });
    },

    case: pageOf((call, row) => showCase(call, row)),

    'case.message': pageOf(toCase),

    'case.message.send': formOf(
      ['words'],
      async (call, row, { words }) => {
        const written = await cases.write(row, { words, source: call.visit.source });
        return written.ok ? toCase(call, row, 'written') : showCase(call, row, { typed: words, refused: written });
      },
      maxCaseBytes,
    ),

    'case.picture': pageOf(toCase),

    'case.picture.send': pageOf(async (call, row) => {
      if (!cases.takesPictures) throw new Problem('not-found', 'no pictures are taken');
      const maxBytes = call.settings.casePictureKb * 1_024;
      const bytes = await readFile(call.context.req.raw, 'picture', maxBytes).catch((error: unknown) => {
        if (error instanceof Problem && error.problem === 'body-too-large') return 'large' as const;
        throw error;
      });
      if (bytes === 'large') return showCase(call, row, { refused: refuse('picture-large') });
      if (bytes === undefined) return showCase(call, row, { refused: refuse('picture-missing') });
      const added = await cases.addPicture(row, { bytes, source: call.visit.source });
      return added.ok ? toCase(call, row, 'pictured') : showCase(call, row, { refused: added });
    }),

    'case.contact': pageOf((call, row) => showContact(call, row)),

    'case.contact.send': formOf(['code'], async (call, row, { code }) => {
      const confirmed = await cases.confirmContact(row, { typed: code, source: call.visit.source });
      return confirmed.ok ? toCase(call, row) : showContact(call, row, { typed: code, refused: confirmed });
    }),

    'case.again': pageOf((call, row) => toContact(call, row)),

    'case.again.send': formOf([], async (call, row) => {
      const asked = await cases.askContactAgain(row);
      return asked.ok ? toContact(call, row, 'again') : showContact(call, row, { refused: asked });
    }),

    'case.change': pageOf((call, row) => showChange(call, row)),

    'case.change.send': formOf(['contact'], async (call, row, { contact }) => {
      const changed = await cases.changeContact(row, { typed: contact, source: call.visit.source });
      return changed.ok ? toContact(call, row) : showChange(call, row, { typed: contact, refused: changed });
    }),
  };
}
