import { minuteMs } from '../../src/base/clock.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { addClasses, type Classes } from '../classes.ts';
import type { Finding, Scenario } from '../scenario.ts';
import type { Inside, Outside } from '../target.ts';
import { newPassword } from '../walk.ts';

interface Answered {
  readonly step: string;
  /** Status, headers, cookies and body, with what differs between any two visits made alike. */
  readonly told: string;
}

/** Everything that a visitor can do about an identifier without its mailbox; `rest` between the steps. */
async function visit(
  { browser: open, path }: Outside,
  identifier: string,
  rest: (ms: number) => Promise<void>,
): Promise<readonly Answered[]> {
  const browser = open();
  const all: Answered[] = [];
  let recovery = '';
  const go = async (step: string, fields?: Record<string, string>) => {
    const { told, body } = await answerTo(browser, path(step), identifier, fields);
    all.push({ step: `${fields ? 'POST' : 'GET'} ${step}`, told });
    recovery ||= /name="recovery" value="([^"]+)"/.exec(body)?.[1] ?? '';
    return body;
  };
  await go('/recover');
  await go('/recover', { identifier });
  await go('/recover/method');
  await go('/recover/method', { recovery });
  await go('/recover/code');
  await go('/recover/code', { recovery, code: '12345678' });
  await rest(0);
  await go('/recover/code/again', { recovery });
  await rest(minuteMs);
  await go('/recover/code/again', { recovery });
  await rest(0);
  await go('/recover/code?again');
  for (const code of ['1234', '23456789', '345678901234']) await go('/recover/code', { recovery, code });
  await go('/recover/account', { recovery, account: 'x' });
  await go('/recover/password', { recovery, username: '', password: newPassword, repeated: newPassword });
  await go('/recover/case');
  for (const code of ['45678901', '56789012', '67890123']) await go('/recover/code', { recovery, code });
  await go('/recover/code');
  await go('/recover');
  for (const password of ['not the right one', 'nor this one here']) await go('/sign-in', { identifier, password });
  return all;
}

async function answerTo(browser: Browser, path: string, identifier: string, fields?: Record<string, string>) {
  const response = await browser.send(path, {
    ...(fields ? { method: 'POST', body: new URLSearchParams(fields) } : {}),
    headers: { 'accept-encoding': 'identity' },
  });
  const body = await response.text();
  const alike = (text: string) =>
    text
      .replaceAll(identifier, 'WHO')
      .replaceAll(encodeURIComponent(identifier), 'WHO')
      .replace(/(?<![\w-])[\w-]{22}(?![\w-])/g, 'RANDOM');
  // A length follows from what was typed.
  const headers = Array.from(response.headers, ([name, value]) =>
    ['date', 'content-length', 'keep-alive'].includes(name) ? name : `${name}: ${alike(value)}`,
  );
  const length = body.length - (body.split(identifier).length - 1) * identifier.length;
  return { body, told: [response.status, ...headers, length, alike(body)].join('\n') };
}

function compare(one: readonly Answered[], other: readonly Answered[], who: string, expect: Finding['expect']): void {
  expect(one.length === other.length, `${who} takes another way`);
  for (const [at, { step, told }] of one.entries()) expect(other[at]?.told === told, `${step} differs for ${who}`);
}

export const enumeration: Scenario = {
  number: 2,
  name: 'enumeration',
  title: 'Who has an account here, by what is answered',
  cost: 'a few requests for each address of a list',
  expectation:
    'the same status, headers, cookies, size and words for every kind of account and for none, at every step',

  async outside(target, { expect, leaveOut }) {
    if (target.known === undefined) {
      if (!('addPerson' in target)) leaveOut('an account to compare with: name one with --known');
      return;
    }
    const wait = async () => {};
    const one = await visit(target, target.known, wait);
    compare(one, await visit(target, target.unknown, wait), target.unknown, expect);
  },

  async inside(target, { expect, tell }) {
    const classes = await addClasses(target);
    const rest = async (ms: number) => {
      target.clock.advance(ms);
      await target.mails();
    };
    let compared = 0;
    const compareAll = async (known: string, others: Classes) => {
      const one = await visit(target, known, rest);
      for (const [who, identifier] of Object.entries(others)) {
        target.clock.advance(60 * minuteMs);
        compare(one, await visit(target, identifier, rest), who, expect);
        compared += 1;
      }
    };
    // test/journeys/same-answer.test.ts compares all of them, statement by statement: a test needs the last kinds alone.
    const some = (all: Classes, count: number) =>
      Object.fromEntries(Object.entries(all).slice(target.sized(-count, 0)));
    await compareAll(classes.known.address, some(classes.emails, 3));
    await compareAll(classes.known.userId, some(classes.userIds, 1));
    await compareForms(target, classes, expect);
    tell(`${compared} kinds of identifiers, alike at every step`);
  },
};

/** Sign-up and the support form. */
async function compareForms(
  { browser: open, sized }: Inside,
  { known, emails }: Awaited<ReturnType<typeof addClasses>>,
  expect: Finding['expect'],
): Promise<void> {
  const answers = async (address: string) => {
    const browser = open();
    const forms: [string, Record<string, string>][] = [
      ['/sign-up', { userId: 'somebody-new', address, password: newPassword }],
      ...Array.from({ length: 3 }, (): [string, Record<string, string>] => ['/sign-up/code', { code: '12345678' }]),
      ['/recover/case', { kind: 'other', identifier: address, words: '', contact: address }],
    ];
    const all: Answered[] = [];
    for (const [path, fields] of forms)
      all.push({ step: `POST ${path}`, ...(await answerTo(browser, path, address, fields)) });
    return all;
  };
  const one = await answers(known.address);
  for (const [who, address] of Object.entries(emails).slice(sized(-2, 0)))
    compare(one, await answers(address), who, expect);
}
