import { describe, expect, it } from 'vitest';
import { createKeys } from '../base/secret.ts';
import { deriveNumber, readNumber } from './notice-number.ts';

const keys = createKeys([{ id: 'a', secret: Buffer.alloc(32, 1) }]);

describe('the number of a notice', () => {
  it('has six digits, the same at every retry, and another for every notice', () => {
    const numbers = Array.from({ length: 200 }, (_, at) => deriveNumber(keys, { noticeId: `n${at}`, keyId: 'a' }));
    for (const number of numbers) expect(number).toMatch(/^\d{6}$/);
    expect(new Set(numbers).size).toBeGreaterThan(195);
    expect(deriveNumber(keys, { noticeId: 'n0', keyId: 'a' })).toBe(numbers[0]);
  });

  it('cannot be made once its key has gone', () => {
    expect(deriveNumber(keys, { noticeId: 'n0', keyId: 'gone' })).toBeUndefined();
  });

  it.each(['123456', ' 123 456\n', '１２３４５６', '123-456', 'number: 123 456'])('is read from %j', (typed) => {
    expect(readNumber(typed)).toMatchObject({ ok: true, number: '123456' });
  });

  it.each([
    ['', 'number-missing'],
    [' \n', 'number-missing'],
    ['12345', 'number-shape'],
    ['1234567', 'number-shape'],
    ['12345678', 'number-shape'],
    ['six', 'number-shape'],
    [`${' '.repeat(300)}123456`, 'number-shape'],
  ])('is not read from %j', (typed, reason) => {
    expect(readNumber(typed)).toEqual({ ok: false, reason });
  });
});
