// Answers that are written often: an agent begins with one of them, in the person's language, and adds what is missing.
import type { MessageKey } from '../../i18n/translate.ts';

export const canned = {
  hello: 'canned.hello',
  details: 'canned.details',
  'other-way': 'canned.other-way',
  'no-mail': 'canned.no-mail',
  'not-enough': 'canned.not-enough',
  died: 'canned.died',
} as const satisfies Record<string, MessageKey>;

export type CannedName = keyof typeof canned;
export const isCanned = (text: string): text is CannedName => Object.hasOwn(canned, text);
export const cannedNames = Object.keys(canned).filter(isCanned);
