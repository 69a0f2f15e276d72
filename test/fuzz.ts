// Sequences of requests that no client sends, and walks in between that go as far as a person's: every route, with what was
// learnt from earlier answers and mails, and with what is no text, no name, no code and no request at all. Whatever is sent
// gets a clear answer. A failing sequence is cut down to its shortest and printed with its seed.
import * as fc from 'fast-check';
import { minuteMs, secondMs } from '../src/base/clock.ts';
import { problemSchema } from '../src/http/api/parts.ts';
import { operations } from '../src/http/api/operations.ts';
import { type Route, type RouteName, routes } from '../src/http/routes.ts';
import { enrolAgent, signInAgent, type TestAgent } from '../src/testing/agents.ts';
import type { Person, TestApp } from '../src/testing/app.ts';
import { createBrowser, formsIn } from '../src/testing/browser.ts';
import { anyCharacter } from '../src/testing/characters.ts';
import { codeIn, linksIn, numberIn } from '../src/testing/mail-text.ts';

export interface FuzzOptions {
  /** At least as many are sent. */
  readonly requests: number;
  readonly seed?: number;
  /** Called after each sequence. */
  readonly onProgress?: (sent: number) => void;
}

export interface FuzzReport {
  readonly seed: number;
  readonly sent: number;
  /** How often each status was answered. */
  readonly statuses: ReadonlyMap<number, number>;
  /** Routes that answered something else than 404. */
  readonly reached: ReadonlySet<RouteName>;
  readonly slowestMs: number;
  /** How many handles, codes, links and passwords were handed out, and those of them that stand in the log. */
  readonly secrets: number;
  readonly leaked: readonly string[];
}

type Fields = Map<string, string>;

/** A form as it stands on a page. */
interface Form {
  readonly action: string;
  readonly fields: Fields;
}

/** One browser or program, with what it holds. */
interface Client {
  readonly network: string;
  readonly cookies: Map<string, string>;
  forms: readonly Form[];
}

const patienceMs = 10 * secondMs;
const mostInSequence = 200;
const sequencesAtOnce = 4;
const newPassword = 'a long and new sentence';
const isRouteName = (name: string): name is RouteName => Object.hasOwn(routes, name);
const routeNames = Object.keys(routes).filter(isRouteName);
const stack = /\n\s+at \S+ \(|node:internal|SQLITE_|syntax error at or near|\[object Object\]/;

const odd = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 60 }),
  fc.string({ maxLength: 400 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\r\nBcc: other@mail.example',
    '../../etc/passwd',
    '%00',
    '%',
    '\u202e1234 5678',
    '１２３４５６７８',
    '-1',
    '1e999',
    '9007199254740993',
    '__proto__',
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    'a@b@mail.example',
    '"a b"@mail.example',
    `${'a'.repeat(300)}@mail.example`,
    'https://evil.example/',
    '//evil.example',
    'x'.repeat(20_000),
  ),
);

/** What is done to a request beside its fields. */
const disturbances = [
  'none',
  'verb',
  'content-type',
  'raw-body',
  'other-origin',
  'cookies',
  'handle',
  'query',
  'header',
] as const;

const step = fc.record({
  client: fc.nat(),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...routeNames) },
    { weight: 8, arbitrary: fc.constant('form' as const) },
    { weight: 1, arbitrary: fc.constantFrom('mail', 'time', 'swap') },
  ),
  disturbance: fc.oneof(
    { weight: 3, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...disturbances) },
  ),
  /** Choices, each among as many as there are when its turn comes. */
  picks: fc.array(fc.nat({ max: 999_999 }), { minLength: 12, maxLength: 12 }),
  odd,
  json: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) }),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Throws, with the shortest sequence, at the first answer that is none. */
export async function fuzz(
  app: TestApp,
  { requests, seed = Date.now(), onProgress }: FuzzOptions,
): Promise<FuzzReport> {
  const people = await Promise.all([app.addPerson(), app.addPerson({ locale: 'es' })]);
  const agent = await enrolAgent(app, { name: 'fuzzer', role: 'lead' });
  const statuses = new Map<number, number>();
  const reached = new Set<RouteName>();
  const secrets = new Set<string>([newPassword, ...people.map(({ password }) => password)]);
  let sent = 0;
  let slowestMs = 0;
  let networks = 0;

  const sequences = fc.asyncProperty(
    fc.array(step, { minLength: 1, maxLength: mostInSequence, size: 'max' }),
    async (steps) => {
      if (sent >= requests) return;
      const learnt: Learnt = { values: new Map(), mailed: new Set(), agent, people };
      const clients = await Promise.all(
        ['stranger', 'stranger', 'person', 'agent'].map(async (kind): Promise<Client> => {
          networks += 1;
          const network = `10.${100 + (networks >> 16)}.${(networks >> 8) & 255}.${networks & 255}`;
          const browser = createBrowser({
            origin: app.origin,
            clock: app.clock,
            language: 'en',
            address: network,
            fetch: send,
          });
          if (kind === 'person') {
            const [person] = people;
            await browser.post('/sign-in', { identifier: person.userId, password: person.password, returnTo: '' });
          }
          if (kind === 'agent') {
            app.clock.advance(30 * secondMs);
            await signInAgent(browser, agent);
          }
          return { network, cookies: new Map(browser.cookies()), forms: [] };
        }),
      );
      for (const each of steps) {
        const startedAt = performance.now();
        const answered = await take(app, each, clients, learnt);
        if (!answered) continue;
        sent += 1;
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        statuses.set(answered.status, (statuses.get(answered.status) ?? 0) + 1);
        if (answered.name && answered.status !== 404) reached.add(answered.name);
      }
      for (const { cookies } of clients)
        for (const [name, value] of cookies) if (name !== 'account-lang' && value.length > 16) secrets.add(value);
      for (const mailed of learnt.mailed) secrets.add(mailed);
      onProgress?.(sent);
    },
  );
  // A few at a time: all that are asked for are made up before it is seen that fewer do.
  const isMoreAsked = () => sent < requests;
  for (let round = 0; isMoreAsked(); round += 1)
    await fc.assert(sequences, { numRuns: sequencesAtOnce, seed: seed + round });
  const log = app.logged.join('\n');
  const leaked = [...secrets].filter((secret) => log.includes(secret));
  return { seed, sent, statuses, reached, slowestMs, secrets: secrets.size, leaked };
}

interface Learnt {
  /** By the name of the field that they were seen in. */
  readonly values: Map<string, string[]>;
  /** Codes, numbers and the tokens of links. */
  readonly mailed: Set<string>;
  readonly agent: TestAgent;
  readonly people: readonly Person[];
}

/** Sends what the step says, and holds the answer against what holds of all. `undefined`: nothing was sent. */
async function take(
  app: TestApp,
  { client, what, disturbance, picks, odd: oddValue, json }: Step,
  clients: readonly Client[],
  learnt: Learnt,
): Promise<{ name: RouteName | undefined; status: number } | undefined> {
  const acting = pick(clients, client);
  if (what === 'time') {
    app.clock.advance(pick([secondMs, minuteMs, 11 * minuteMs, 40 * minuteMs], picks[0]));
    return undefined;
  }
  if (what === 'mail') {
    await app.deliverMail();
    for (const mail of app.mailbox.messages().slice(0, 20)) {
      const found = { code: codeIn(mail) ?? '', number: numberIn(mail) ?? '' };
      for (const [name, value] of Object.entries(found)) {
        learn(learnt, name, value);
        if (value.length > 6) learnt.mailed.add(value);
      }
      for (const link of linksIn(mail)) {
        const { pathname } = new URL(link);
        const token = pathname.split('/').length > 3 ? (pathname.split('/').at(-1) ?? '') : '';
        learn(learnt, 'token', token);
        if (token.length > 16) learnt.mailed.add(token);
      }
    }
    return undefined;
  }
  if (what === 'swap') {
    // Somebody else's cookie of the same name.
    const [name, value] = pick([...pick(clients, picks[0]).cookies, ['account-recovery', 'none'] as const], picks[1]);
    acting.cookies.set(name, value);
    return undefined;
  }
  const valueFor = (name: string, at: number): string =>
    [
      () => likely(learnt, name, picks[at % 12] ?? 0),
      () => likely(learnt, name, picks[at % 12] ?? 0),
      () => likely(learnt, name, picks[at % 12] ?? 0),
      () => pick([...learnt.values.values()].flat(), picks[at % 12]) ?? oddValue,
      () => oddValue,
    ][((picks[(at + 5) % 12] ?? 0) >> 3) % 5]?.() ?? oddValue;

  const form = what === 'form' ? pick(acting.forms, picks[0]) : undefined;
  if (what === 'form' && !form) return undefined;
  const name = what === 'form' ? undefined : what;
  const route: Route =
    name === undefined ? { method: 'POST', path: form?.action ?? '/', audience: 'anyone' } : routes[name];
  const path = route.path.replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(safely(valueFor(key === 'id' ? 'id' : key, 1))),
  );
  const isApi = route.path.startsWith('/api/');
  const operation = name !== undefined && name.startsWith('api.') ? operationOf(name) : undefined;
  const fields: Fields = new Map(form?.fields);
  const names = form
    ? Array.from(form.fields.keys())
    : operation
      ? Object.keys(operation.request?.shape ?? {})
      : ['identifier', 'password', 'code', 'recovery', 'words', 'version'];
  names.forEach((field, at) => {
    // What stands in a form goes along as it is, most of the time: so that the walk goes on.
    const isHidden = (fields.get(field) ?? '') !== '' && (picks[at % 12] ?? 0) % 8 !== 0;
    if (!isHidden) fields.set(field, valueFor(field, at + 2));
  });
  if ((picks[3] ?? 0) % 16 === 0) fields.delete(names[(picks[4] ?? 0) % Math.max(1, names.length)] ?? '');

  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    'accept-language': pick(['en', 'es', 'xx;q=9', ''], picks[5]),
    'x-forwarded-for': acting.network,
    'sec-fetch-site': 'same-origin',
    origin: app.origin,
    cookie: Array.from(acting.cookies, ([key, value]) => `${key}=${value}`).join('; '),
  };
  let method: string = route.method;
  let body: string | undefined;
  if (method !== 'GET') {
    headers['content-type'] = isApi ? 'application/json' : 'application/x-www-form-urlencoded';
    body = isApi ? JSON.stringify(Object.fromEntries(fields)) : new URLSearchParams(Array.from(fields)).toString();
    if (operation && operation.request === undefined) body = undefined;
  }
  let query = '';
  switch (disturbance) {
    case 'none':
      break;
    case 'verb':
      method = pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'], picks[6]);
      if (method === 'GET' || method === 'HEAD') body = undefined;
      break;
    case 'content-type':
      headers['content-type'] = pick(
        ['text/plain', 'multipart/form-data; boundary=x', 'application/json', '', 'a/b;;'],
        picks[6],
      );
      break;
    case 'raw-body':
      if (body !== undefined)
        body = pick(
          [JSON.stringify(json), safely(oddValue), body.slice(0, -1), `${body}&${body}`, `[${body}]`],
          picks[6],
        );
      break;
    case 'other-origin':
      headers['origin'] = pick(['https://evil.example', 'null', ''], picks[6]);
      headers['sec-fetch-site'] = pick(['cross-site', 'none', 'same-site'], picks[7]);
      break;
    case 'cookies':
      headers['cookie'] = pick(
        [
          'account-session=x',
          `${headers['cookie']}; account-recovery=${'a'.repeat(4_000)}`,
          ';;;==',
          'a'.repeat(9_000),
        ],
        picks[6],
      );
      break;
    case 'handle':
      headers['account-handle'] = 'body';
      headers['authorization'] = pick(
        [`Bearer ${safeHeader(likely(learnt, 'handle', picks[7] ?? 0))}`, 'Bearer ', 'Basic eDp5', 'Bearer a b'],
        picks[6],
      );
      break;
    case 'query':
      query = pick(
        [
          '?lang=xx',
          '?lang[]=es&lang=en',
          `?returnTo=${encodeURIComponent(safely(oddValue))}`,
          '?view=mine&after=~',
          '?view=nothing&after=1.x',
          '?%=%',
        ],
        picks[6],
      );
      break;
    case 'header':
      headers[
        pick(
          ['x-http-method-override', 'x-forwarded-host', 'forwarded', 'range', 'if-none-match', 'expect-ct'],
          picks[6],
        )
      ] = 'DELETE';
      break;
  }
  const faultsBefore = app.faults.length;
  const response = await send(app.origin + path + query, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
    ...(body !== undefined && { body }),
  }).catch((fault: unknown) => {
    // A body that is too long is not read to its end: the server hangs up on it, as HTTP lets it.
    if (body !== undefined && body.length > 16_384 && !isTimeout(fault)) return undefined;
    throw new Error(`${method} ${path}${query}: no answer`, { cause: fault });
  });
  if (!response) return undefined;
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const at = `${method} ${path.slice(0, 200)}${query} (${response.status})`;
  // What is longer than a head may be is refused by Node before anybody reads it.
  if (response.status === 431) return { name, status: 431 };
  // Mail that waits is told to whoever watches the server.
  if (response.status >= 500 && name !== 'health.ready') throw new Error(`${at}: ${text.slice(0, 400)}`);
  if (app.faults.length > faultsBefore) throw new Error(`${at}: ${String(app.faults.at(-1))}`);
  if (stack.test(text)) throw new Error(`${at} shows its inside: ${text.slice(0, 400)}`);
  if (response.headers.get('x-content-type-options') !== 'nosniff') throw new Error(`${at} lacks its headers`);
  if (isApi && response.status >= 400 && method !== 'HEAD') {
    if (type !== 'application/problem+json') throw new Error(`${at} is told as ${type}`);
    problemSchema.parse(JSON.parse(text));
  }
  if (type.startsWith('text/html') && text !== '') {
    if (!/<html lang="(en|es)"/.test(text) || !text.includes('<h1')) throw new Error(`${at} is no page`);
    if (oddValue.includes('<script>') && text.includes(oddValue)) throw new Error(`${at} takes in markup`);
  }
  const location = response.headers.get('location');
  if (location !== null && new URL(location, app.origin).origin !== app.origin)
    throw new Error(`${at} leads to ${location}`);
  keep(acting, response, path, text, type, learnt);
  if (location !== null && (picks[8] ?? 0) % 4 !== 0) await follow(app, acting, location, learnt);
  return { name, status: response.status };
}

/** Once more where the server has hung up on a connection that was kept: it does so after a body that it has not read to its end. */
const send: typeof fetch = (input, init) =>
  fetch(input, init).catch((fault: unknown) => {
    if (isTimeout(fault)) throw fault;
    return fetch(input, init);
  });

const isTimeout = (fault: unknown): boolean => fault instanceof Error && fault.name === 'TimeoutError';
const isOperationName = (name: string): name is keyof typeof operations => Object.hasOwn(operations, name);
const operationOf = (route: string) => {
  const name = route.slice('api.'.length);
  return isOperationName(name) ? operations[name] : undefined;
};

/** What the client now holds and has in front of it. */
function keep(client: Client, response: Response, path: string, text: string, type: string, learnt: Learnt): void {
  for (const cookie of response.headers.getSetCookie()) {
    const [pair = ''] = cookie.split(';');
    const at = pair.indexOf('=');
    if (/max-age=0/i.test(cookie)) client.cookies.delete(pair.slice(0, at));
    else client.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
  if (type.includes('json') && text.startsWith('{')) {
    const told: unknown = JSON.parse(text);
    for (const [name, value] of Object.entries(Object(told))) if (typeof value === 'string') learn(learnt, name, value);
  }
  if (!type.startsWith('text/html')) return;
  client.forms = formsIn(text).map(({ action = path, controls, buttons }) => ({
    action: action.replace(/^https?:\/\/[^/]+/, ''),
    fields: new Map(
      [...controls, ...buttons].flatMap(({ name, value }) =>
        name === undefined || name === '' ? [] : [[name, value]],
      ),
    ),
  }));
  for (const { fields } of client.forms) for (const [name, value] of fields) learn(learnt, name, value);
  for (const [, number = ''] of text.matchAll(/\/cases?\/(\d{6,})/g)) learn(learnt, 'number', number);
}

async function follow(app: TestApp, client: Client, location: string, learnt: Learnt): Promise<void> {
  const response = await send(new URL(location, app.origin), {
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
    headers: {
      'x-forwarded-for': client.network,
      cookie: Array.from(client.cookies, ([key, value]) => `${key}=${value}`).join('; '),
    },
  });
  const text = await response.text();
  if (response.status >= 500) throw new Error(`GET ${location} (${response.status}): ${text.slice(0, 400)}`);
  keep(
    client,
    response,
    new URL(location, app.origin).pathname,
    text,
    response.headers.get('content-type') ?? '',
    learnt,
  );
}

function learn({ values }: Learnt, name: string, value: string): void {
  if (value === '' || value.length > 400) return;
  const known = values.get(name) ?? [];
  if (known.includes(value)) return;
  values.set(name, [value, ...known].slice(0, 12));
}

/** What somebody who knows the walk would type in a field of this name. */
function likely(learnt: Learnt, name: string, choice: number): string {
  const person = pick(learnt.people, choice);
  const password = pick([person.password, newPassword], choice >> 4);
  const own: Readonly<Record<string, readonly string[]>> = {
    identifier: [person.userId, person.address, 'nobody@mail.example'],
    name: [learnt.agent.name],
    userId: [`new${choice % 50}`],
    email: [`new${choice % 50}@mail.example`],
    address: [`new${choice % 50}@mail.example`, person.address],
    contact: [`contact${choice % 9}@mail.example`],
    password: [password, learnt.agent.password],
    newPassword: [newPassword],
    repeated: [newPassword],
    repeatedPassword: [newPassword],
    words: ['I no longer have that mailbox.'],
    method: ['email-code', 'support'],
    kind: ['mailbox-lost', 'nothing-came', 'other'],
    locale: ['en', 'es'],
    trace: ['[]'],
  };
  return pick([...(learnt.values.get(name) ?? []), ...(own[name] ?? [])], choice >> 2) ?? 'x';
}

function pick<Item>(from: readonly [Item, ...Item[]], choice: number | undefined): Item;
function pick<Item>(from: readonly Item[], choice: number | undefined): Item;
function pick<Item>(from: readonly Item[], choice = 0): Item | undefined {
  return from[choice % Math.max(1, from.length)];
}

/** Half a surrogate pair cannot be sent in a URL. */
const safely = (text: string): string => text.toWellFormed();
const safeHeader = (text: string): string => text.replace(/[^\x20-\x7e]/g, '');
