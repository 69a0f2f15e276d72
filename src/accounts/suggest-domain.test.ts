import { expect, it, test } from 'vitest';
import { suggestAddress } from './suggest-domain.ts';

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
])('%s is probably %s', (typed, meant) => expect(suggestAddress(`lucia@${typed}`)).toBe(`lucia@${meant}`));

test.each([
  'gmail.com',
  'ymail.com',
  'email.com',
  'hotmail.nl',
  'shop.example',
  'yahoo.com.uy',
  'uned.es',
  'x'.repeat(5_000),
])('%s is left alone', (typed) => expect(suggestAddress(`lucia@${typed}`)).toBeUndefined());

it('is the same for any local part', () => {
  for (const local of ['lucia', 'a@b', 'gmail.com'])
    expect(suggestAddress(`${local}@gmial.com`)).toBe(`${local}@gmail.com`);
});

it('asks nothing about a user ID', () => {
  for (const typed of ['gmial.com', 'lucia', '@gmial.com']) expect(suggestAddress(typed)).toBeUndefined();
});
