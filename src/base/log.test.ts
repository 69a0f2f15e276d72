import { expect, it } from 'vitest';
import { maskAddress } from './log.ts';

it.each([
  ['maria@example.com', 'm***@example.com'],
  ['m@example.com', 'm***@example.com'],
  ['"a@b"@example.com', '"***@example.com'],
  ['@example.com', '***'],
  ['maria', '***'],
  ['', '***'],
])('%s is written as %s', (address, masked) => expect(maskAddress(address)).toBe(masked));
