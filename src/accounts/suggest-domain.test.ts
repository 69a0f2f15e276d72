import { expect, it, test } from 'vitest';
import { suggestDomain } from './suggest-domain.ts';

test.each([
  ['gmial.com', 'gmail.com'],
  ['gmail.con', 'gmail.com'],
  ['gmai.com', 'gmail.com'],
  ['GMAL.COM', 'gmail.com'],
  ['hotmal.com', 'hotmail.com'],
  ['hotmial.es', 'hotmail.es'],
  ['outlok.es', 'outlook.es'],
  ['yaho.com.ar', 'yahoo.com.ar'],
  ['iclud.com', 'icloud.com'],
])('%s is probably %s', (typed, meant) => expect(suggestDomain(`lucia@${typed}`)).toBe(meant));

test.each([
  'gmail.com',
  'ymail.com',
  'email.com',
  'hotmail.nl',
  'shop.example',
  'yahoo.com.uy',
  'uned.es',
  'x'.repeat(5_000),
])('%s is left alone', (typed) => expect(suggestDomain(`lucia@${typed}`)).toBeUndefined());

it('is the same for any local part', () => {
  for (const local of ['lucia', '', 'a@b', 'gmail.com']) expect(suggestDomain(`${local}@gmial.com`)).toBe('gmail.com');
});
