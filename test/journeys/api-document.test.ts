// The OpenAPI document: held against the official schema of OpenAPI 3.1, and walked: what its examples send is sent, and
// what they say comes back.
import { registerSchema, validate } from '@hyperjump/json-schema/openapi-3-1';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isOperation, type OperationName, operations } from '../../src/http/api/operations.ts';
import { minuteMs, secondMs } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { derive } from '../../src/human-check/proof-of-work.ts';
import { en } from '../../src/i18n/en.ts';
import { problems, refusals } from '../../src/refusals.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import { linksIn, type ReceivedMail } from '../../src/testing/mailbox.ts';
import { createProgram, type Program } from './program.ts';
import { codeOf, enrolDesk, linkOf, signIn, signInAt } from './steps.ts';
import { prove, waitForGrant } from './release-steps.ts';

const media = z.object({ schema: z.object({ $ref: z.string() }), examples: z.record(z.string(), z.unknown()) });
const content = z.record(z.string(), media);
const documentSchema = z.object({
  openapi: z.string(),
  servers: z.tuple([z.object({ url: z.string() })]),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        security: z.array(z.record(z.string(), z.array(z.string()))),
        requestBody: z.object({ content }).optional(),
        responses: z.record(z.string(), z.object({ content: content.optional() })),
      }),
    ),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.unknown()),
    examples: z.record(z.string(), z.object({ value: z.record(z.string(), z.unknown()) })),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
});

let app: TestApp;
let raw: Parameters<typeof registerSchema>[0];
let document: z.output<typeof documentSchema>;
beforeAll(async () => {
  // Of the check's work the first counter is right, so that its example runs too.
  app = await createTestApp({
    settings: { humanCheck: 'on', casePictureKb: 1_024 },
    random: { bytes: (length) => (length === 4 ? Buffer.alloc(4) : systemRandom.bytes(length)) },
  });
  const text = await (await fetch(`${app.origin}/api/v1/openapi.json`)).text();
  raw = JSON.parse(text);
  document = documentSchema.parse(raw);
});
afterAll(() => app.close());

const allOf = () =>
  Object.values(document.paths).flatMap((methods) => Object.values(methods).map((operation) => operation));

describe('the document', () => {
  it('is valid OpenAPI 3.1, its schemas included', async () => {
    const checked = await validate('https://spec.openapis.org/oas/3.1/schema-base', z.json().parse(raw), 'BASIC');
    expect(checked).toEqual({ valid: true });
  });

  it('describes every operation once, under its name', () => {
    const ids = allOf().map(({ operationId }) => operationId);
    expect(ids.toSorted()).toEqual(Object.keys(operations).toSorted());
  });

  it('tells every refusal of every operation, under its status, and every problem that it can meet', () => {
    for (const { operationId, responses } of allOf()) {
      const told = Object.entries(responses).flatMap(([status, { content }]) =>
        Object.keys(content?.['application/problem+json']?.examples ?? {}).map((reason) => [reason, Number(status)]),
      );
      const statuses: Record<string, number> = { ...refusals, ...problems };
      for (const [reason, status] of told) expect([reason, status]).toEqual([reason, statuses[String(reason)]]);
      const expected = isOperation(operationId) ? Object.keys(operations[operationId].refusals) : ['none'];
      expect(told.map(([reason]) => reason)).toEqual(
        expect.arrayContaining([...expected, 'fault', 'busy', 'wrong-host']),
      );
    }
  });

  it('has an example for every refusal and problem but those of agents, which its type points to', () => {
    expect(Object.keys(document.components.examples).toSorted()).toEqual(
      Object.keys({ ...refusals, ...problems })
        .filter((name) => !name.startsWith('agent-'))
        .toSorted(),
    );
    for (const [reason, { value }] of Object.entries(document.components.examples))
      expect(value).toMatchObject({ reason, type: `/api/v1/openapi.json#/components/examples/${reason}` });
  });

  it('has examples that are as its schemas say', async () => {
    registerSchema(raw, 'https://document.example/openapi.json', 'https://spec.openapis.org/oas/3.1/dialect/base');
    let count = 0;
    for (const { requestBody, responses } of allOf()) {
      const contents = [requestBody?.content, ...Object.values(responses).map((response) => response.content)];
      for (const { schema, examples } of contents.flatMap((each) => Object.values(each ?? {}))) {
        const check = await validate(`https://document.example/openapi.json${schema.$ref}`);
        for (const example of Object.values(examples)) {
          const { value } = z
            .object({ value: z.json() })
            .or(z.object({ $ref: z.string() }).transform(resolve))
            .parse(example);
          expect([schema.$ref, value, check(value).valid]).toEqual([schema.$ref, value, true]);
          count += 1;
        }
      }
    }
    expect(count).toBeGreaterThan(100);
  });

  const resolve = ({ $ref }: { $ref: string }) => ({
    value: z.json().parse(document.components.examples[$ref.split('/').at(-1) ?? '']?.value),
  });

  it('names the cookies as they are called, and Bearer', () => {
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      recovery: { type: 'apiKey', in: 'cookie', name: 'account-recovery' },
    });
    for (const { security } of allOf()) expect(security).toContainEqual({ bearer: [] });
  });

  it('is not sent again to whoever has it, and tells where the server is', async () => {
    // The checks above hold the process up for longer than the server keeps a connection that nobody uses.
    const ask = () => fetch(`${app.origin}/api/v1/openapi.json`);
    const first = await ask().catch(ask);
    const tag = first.headers.get('etag') ?? '';
    const again = await fetch(`${app.origin}/api/v1/openapi.json`, { headers: { 'if-none-match': tag } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    const other = await fetch(`${app.origin}/api/v1/openapi.json`, { headers: { 'if-none-match': '"x"' } });
    expect([other.status, other.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(document.servers[0].url).toBe(app.origin);
  });
});

describe('its examples, sent one after the other', () => {
  const ran = new Set<OperationName>();

  /** Sends the example, with what no document can know put in its place, and expects its answer, but for random values. */
  async function run(
    program: Program,
    name: OperationName,
    known: { readonly parameters?: Record<string, string>; readonly body?: Record<string, unknown> } = {},
  ) {
    const { request, answer } = operations[name].example;
    const { parameters = {}, body = {} } = known;
    const called = await program.call(name, { parameters, body: { ...request, ...body } });
    expect([name, called.status, withoutChance(called.body)]).toEqual([
      name,
      operations[name].status,
      withoutChance(answer ?? {}),
    ]);
    ran.add(name);
    return called.body;
  }

  /** The newest mail to the address with this word in its subject. */
  async function firstMail(address: string, word: string): Promise<ReceivedMail> {
    const found = (await app.mailsTo(address)).find(({ subject }) => subject.includes(word));
    if (!found) throw new Error(`no mail about ${word}`);
    return found;
  }

  /** By the pages; one step of its clock ago, so that the code of now is a new one. */
  async function switchOnAuthenticator(person: Person): Promise<string> {
    const browser = app.browser();
    await signIn(browser, person.userId, person.password);
    await browser.open('/account/authenticator');
    const page = await browser.press('Set up', { 'Your password': person.password });
    const secret = (/class="code key">([^<]+)/.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
    const first = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() });
    await browser.press('Switch on', { 'Code from the app': first });
    app.clock.advance(30 * secondMs);
    return secret;
  }

  /** Random values by their length alone. */
  const withoutChance = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key: string, each: unknown) =>
      ['id', 'handle', 'deviceHandle', 'continueToken', 'nonce', 'prefix', 'number', 'code'].includes(key)
        ? String(each).length
        : ['challenge', 'secret', 'uri', 'spareCodes', 'png', 'wav'].includes(key)
          ? 'random'
          : each,
    );

  async function check(program: Program, purpose: string) {
    const task = await run(program, 'issueHumanCheck', { body: { purpose } });
    const { nonce, prefix, upTo } = z
      .object({ nonce: z.string(), prefix: z.string(), upTo: z.int() })
      .parse(task['work']);
    app.clock.advance(20 * secondMs);
    let work = '';
    for (let counter = 0; counter < upTo && !work.startsWith(prefix); counter += 1) work = derive(nonce, counter);
    await run(program, 'answerHumanCheck', { body: { purpose, challenge: task['challenge'], work } });
  }

  it('take a recovery to its end', { timeout: 120_000 }, async () => {
    const lucia = await app.addPerson({ userId: 'lucia', address: 'lucia@mail.example' });
    const program = createProgram(app);
    await check(program, 'recovery');
    const { id } = await run(program, 'startRecovery');
    const parameters = { id: String(id) };
    await run(program, 'askForCode', { parameters });
    await run(program, 'readRecovery', { parameters });
    const code = codeOf(await app.mailTo(lucia.address));
    await run(program, 'enterCode', { parameters, body: { code } });
    await run(program, 'setPassword', { parameters });
    await run(program, 'signIn');
    await run(program, 'signOut');
  });

  it('show the letters of a check, and speak them', async () => {
    const program = createProgram(app);
    const { body } = await program.call('issueHumanCheck', { body: { purpose: 'recovery', kind: 'letters' } });
    const parameters = { challenge: String(body['challenge']) };
    await run(program, 'readLetters', { parameters });
    await run(program, 'readSound', { parameters });
  });

  it('sign in in two steps', async () => {
    const noor = await app.addPerson({ userId: 'noor' });
    const secret = await switchOnAuthenticator(noor);
    const program = createProgram(app);
    await program.call('signIn', { body: { identifier: 'noor', password: noor.password } });
    await run(program, 'readSecondStep');
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now() });
    await run(program, 'enterSecondCode', { body: { code } });
  });

  it('list the sessions and end them', async () => {
    const ana = await app.addPerson({ userId: 'ana' });
    const body = { password: ana.password };
    const signInAgain = async () => {
      const program = createProgram(app);
      const headers = {
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      };
      await program.call('signIn', { body: { identifier: 'ana', ...body }, headers });
      return program;
    };
    const program = await signInAgain();
    const { sessions } = await run(program, 'listSessions');
    const [{ id }] = z.tuple([z.object({ id: z.string() })]).parse(sessions);
    const other = await signInAgain();
    await run(other, 'endSession', { parameters: { id }, body });
    await signInAgain();
    await run(other, 'endOtherSessions', { body });
  });

  it('change the own account', async () => {
    const eva = await app.addPerson({ userId: 'eva', address: 'eva@mail.example' });
    const body = { password: eva.password };
    const program = createProgram(app);
    await program.call('signIn', { body: { identifier: 'eva', ...body } });
    await run(program, 'addAddress', { body });
    await run(program, 'readAccount');
    app.clock.advance(minuteMs);
    await run(program, 'askForAddressCode');
    const code = codeOf(await app.mailTo('eva.work@mail.example'));
    const { addresses } = await run(program, 'confirmAddress', { body: { code } });
    const [, { id }] = z.tuple([z.unknown(), z.object({ id: z.string() })]).parse(addresses);
    await run(program, 'removeAddress', { parameters: { id }, body });

    const { secret } = await run(program, 'beginAuthenticator', { body });
    const codeNow = () =>
      new TOTP({ secret: Secret.fromBase32(String(secret)) }).generate({ timestamp: app.clock.now() });
    await run(program, 'confirmAuthenticator', { body: { code: codeNow() } });
    app.clock.advance(30 * secondMs);
    const { spareCodes } = await run(program, 'renewSpareCodes', { body: { ...body, code: codeNow() } });
    const [spare] = z.array(z.string()).parse(spareCodes);
    await run(program, 'removeAuthenticator', { body: { ...body, code: spare } });
    await run(program, 'changePassword', { body: { currentPassword: eva.password } });
  });

  it('go on from the links of a mail', async () => {
    const program = createProgram(app);
    await check(program, 'recovery');
    const begin = async (identifier: string) => {
      const started = await program.call('startRecovery', { body: { identifier } });
      await program.call('askForCode', {
        parameters: { id: String(started.body['id']) },
        body: { method: 'email-code' },
      });
      return firstMail('lucia@mail.example', 'code');
    };
    const tokenOf = (mail: ReceivedMail, place: 'link' | 'stop') => ({
      token: linkOf(mail, place).split('/').at(-1) ?? '',
    });
    const stopped = await begin('lucia');
    await run(program, 'stopFromMail', { parameters: tokenOf(stopped, 'stop'), body: { code: codeOf(stopped) } });
    await run(program, 'resumeFromMail', { parameters: tokenOf(stopped, 'stop'), body: { code: codeOf(stopped) } });
    await run(program, 'readLink', { parameters: tokenOf(stopped, 'link') });
    await run(program, 'continueFromMail', { parameters: tokenOf(stopped, 'link'), body: { code: codeOf(stopped) } });
  });

  it('disown a change from its notice', async () => {
    const program = createProgram(app);
    const mail = await firstMail('lucia@mail.example', 'password');
    const number = /\d{3} \d{3}/.exec(mail.text)?.[0] ?? '';
    const parameters = { token: linkOf(mail, 'stop').split('/').at(-1) ?? '' };
    await run(program, 'disownFromNotice', { parameters, body: { number } });
  });

  it('choose one of several accounts', async () => {
    const address = 'shared@mail.example';
    await app.addPerson({ userId: 'lucia2', address });
    await app.addPerson({ userId: 'marta', address });
    const program = createProgram(app);
    await check(program, 'recovery');
    const started = await program.call('startRecovery', { body: { identifier: address } });
    const parameters = { id: String(started.body['id']) };
    await program.call('askForCode', { parameters, body: { method: 'email-code' } });
    const code = codeOf(await app.mailTo(address));
    const { body } = await program.call('enterCode', { parameters, body: { code } });
    const { accounts } = z.object({ accounts: z.array(z.object({ id: z.string(), userId: z.string() })) }).parse(body);
    const accountId = accounts.find(({ userId }) => userId === 'marta')?.id ?? '';
    await run(program, 'chooseAccount', { parameters, body: { accountId } });
  });

  it('sign up', async () => {
    const program = createProgram(app);
    await check(program, 'sign-up');
    await run(program, 'signUp');
    await run(program, 'readSignUp');
    app.clock.advance(minuteMs);
    await run(program, 'askForSignUpCode');
    await run(program, 'enterSignUpCode', { body: { code: codeOf(await app.mailTo('nuria@mail.example')) } });

    const second = createProgram(app);
    await check(second, 'sign-up');
    await second.call('signUp', { body: { ...operations.signUp.example.request, address: 'nuria2@mail.example' } });
    await second.call('enterSignUpCode', { body: { code: codeOf(await app.mailTo('nuria2@mail.example')) } });
    await run(second, 'chooseUserId');

    await check(second, 'sign-up');
    const third = { ...operations.signUp.example.request, userId: 'nuria.g', address: 'nuria3@mail.example' };
    await second.call('signUp', { body: third });
    const mail = await app.mailTo(third.address);
    const parameters = { token: linksIn(mail)[0]?.split('/').at(-1) ?? '' };
    const elsewhere = createProgram(app);
    await run(elsewhere, 'continueSignUpFromMail', { parameters, body: { code: codeOf(mail) } });
    await run(elsewhere, 'chooseSignUpPassword');
  });

  it('open a case and follow it', async () => {
    const program = createProgram(app);
    await check(program, 'case');
    const { number, code } = await run(program, 'openCase');
    await run(createProgram(app), 'followCase', { body: { number, code } });
    await run(program, 'readCase');
    await run(program, 'changeContact');
    const mail = await app.mailTo('lucia.new@mail.example');
    await run(program, 'confirmContact', { body: { code: codeOf(mail) } });
    // Whoever has the account is told, and says that it was not them.
    await app.deliverMail();
    const notice = await firstMail('lucia@mail.example', 'opened a case');
    const typed = { number: /\d{3} \d{3}/.exec(notice.text)?.[0] ?? '' };
    const parameters = { token: linkOf(notice, 'stop').split('/').at(-1) ?? '' };
    expect((await program.call('readLink', { parameters })).body).toEqual({ leadsTo: 'object' });
    await run(program, 'objectFromNotice', { parameters, body: typed });
    const writing = createProgram(app);
    await check(writing, 'case');
    await writing.call('openCase', { body: operations.openCase.example.request });
    await run(writing, 'writeToDesk');

    const sending = createProgram(app);
    await check(sending, 'case');
    await sending.call('openCase', { body: operations.openCase.example.request });
    await run(sending, 'sendCasePicture');

    const waiting = createProgram(app);
    await check(waiting, 'case');
    await waiting.call('openCase', { body: operations.openCase.example.request });
    app.clock.advance(minuteMs);
    await run(waiting, 'askForContactCode');

    const proving = createProgram(app);
    await check(proving, 'case');
    await proving.call('openCase', { body: operations.openCase.example.request });
    await run(proving, 'nameCaseAccount');
    await run(proving, 'askForCaseAddressCode');
    await run(proving, 'proveCaseAddress');
    await run(proving, 'proveCaseCode');
    await run(proving, 'proveCaseBrowser');
  });

  it('go on from the link of the support desk', async () => {
    const agents = await enrolDesk(app);
    const owner = await app.addPerson();
    const { id: accountId } = await app.db.read
      .selectFrom('accounts')
      .select('id')
      .where('user_id', '=', owner.userId)
      .executeTakeFirstOrThrow();
    const contact = `new.${owner.userId}@mail.example`;
    const program = createProgram(app);
    await check(program, 'case');
    const { body: kept } = await program.call('openCase', {
      body: { kind: 'mailbox-lost', words: 'It is closed.', contact, identifier: owner.userId },
    });
    await program.call('confirmContact', { body: { code: codeOf(await app.mailTo(contact)) } });
    const { id: caseId } = await app.db.read
      .selectFrom('cases')
      .select('id')
      .where('number', '=', String(kept['number']))
      .executeTakeFirstOrThrow();
    const of = { caseId, accountId, path: `/support/cases/${String(kept['number'])}` };
    await prove(app, of, 'spare-code');
    const elena = await signInAt(app, agents.elena);
    await elena.open(of.path);
    await elena.press('Take this case');
    const why = { [en['desk.release-why']]: 'The list is theirs.' };
    await elena.press('Propose', why);
    const omar = await signInAt(app, agents.omar);
    await omar.open(of.path);
    await omar.press('Approve', why);
    expect((await program.call('readCase')).body).toMatchObject({ state: 'decided', release: { state: 'holding' } });
    await waitForGrant(app, of);
    const parameters = {
      token:
        linkOf(await app.mailTo(contact), 'grant')
          .split('/')
          .at(-1) ?? '',
    };
    expect((await program.call('readLink', { parameters })).body).toEqual({ leadsTo: 'grant' });
    const wrongCode = await program.call('openGrant', { parameters, body: { code: 'ACDE FGHJ KMNP QRTV' } });
    expect(wrongCode.body).toMatchObject({ reason: 'grant-code-wrong', field: 'code' });
    const granted = await program.call('openGrant', { parameters, body: { code: kept['code'] } });
    const { answer } = operations.openGrant.example;
    const named = { identifier: owner.userId, userId: owner.userId };
    expect([granted.status, withoutChance(granted.body)]).toEqual([200, withoutChance({ ...answer, ...named })]);
    ran.add('openGrant');
    expect((await program.call('openGrant', { parameters, body: { code: kept['code'] } })).status).toBe(410);
    const password = 'nine calm otters waiting';
    const set = await program.call('setPassword', {
      parameters: { id: String(granted.body['id']) },
      body: { password },
    });
    expect(set.status).toBe(200);
  });

  it('is all of them', () => expect([...ran].toSorted()).toEqual(Object.keys(operations).toSorted()));
});
