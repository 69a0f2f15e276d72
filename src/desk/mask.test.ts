import { expect, it } from 'vitest';
import { maskAddress } from './mask.ts';

it.each([
  ['lucia@mail.example', 'l••••@m••••.example'],
  ['l@a.b.example', 'l••••@a••••.example'],
  ['j.o.h.n+shop@localhost', 'j••••@l••••'],
  ['💌letters@mail.example', '💌••••@m••••.example'],
  ['', '••••'],
  ['not an address', 'n••••'],
])('%j is shown as %j', (address, shown) => {
  expect(maskAddress(address)).toBe(shown);
});
