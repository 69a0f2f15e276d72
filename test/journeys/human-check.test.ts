// The human check without script (walks 3, 28, 29, 31; D6): letters in the form itself, other letters, a way with no
// puzzle, never a loop, and every proof spent once. In Chromium: test/pages/.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { solveWork } from '../../src/client/work.ts';
import { type Drag, slidePolicy } from '../../src/human-check/slider.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { countScores } from '../../src/recovery/check-scores.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { handDrag } from '../../src/testing/hand-drag.ts';
import { askForCode, codeOf, enterCode } from './steps.ts';

let app: TestApp;
let person: Person;
let browser: Browser;
beforeAll(async () => {
  app = await createTestApp({ settings: { humanCheck: 'on' } });
});
beforeEach(async () => {
  person = await app.addPerson();
  browser = app.browser();
  await browser.open('/recover');
  app.clock.advance(10 * secondMs);
});
afterAll(() => app.close());

const identifier = 'Email or user ID';
const letters = 'Type the letters you see';
const ways = 'How do you want to get back in?';
const challengeOnPage = () => /name="challenge" value="([^"]+)"/.exec(browser.page.html)?.[1] ?? '';

const send = (typed: string, more: Record<string, string> = {}) =>
  browser.press('Continue', { [identifier]: person.address, [letters]: typed, ...more });

describe('the letters', () => {
  it('pass when they are right, in small letters and with spaces too', async () => {
    const right = app.lettersOn(browser.page).toLowerCase();
    expect((await send(` ${right.slice(0, 2)} ${right.slice(2)}`)).heading).toBe(ways);
  });

  it('wrong, bring a new picture and keep the identifier', async () => {
    const before = challengeOnPage();
    const page = await send('AAAAA');
    expect(page.status).toBe(422);
    expect(page.notice).toBe(en['refusal.check-letters-wrong']);
    expect(page.valueOf(identifier)).toBe(person.address);
    expect(challengeOnPage()).not.toBe(before);
    app.clock.advance(10 * secondMs);
    expect((await send(app.lettersOn(browser.page))).heading).toBe(ways);
  });

  it('can be changed for others, and what was typed stays', async () => {
    const before = challengeOnPage();
    const page = await browser.press('Other letters', { [identifier]: person.address });
    expect(page.valueOf(identifier)).toBe(person.address);
    expect(challengeOnPage()).not.toBe(before);
  });

  it('not typed, are asked for in words, and what was typed stays', async () => {
    const page = await send('');
    expect([page.status, page.notice]).toEqual([422, en['refusal.check-missing']]);
    expect(page.valueOf(identifier)).toBe(person.address);
  });

  it('once right, are not asked for again while something else is put right', async () => {
    await send(app.lettersOn(browser.page), { [identifier]: 'no, not an identifier' });
    expect(browser.page.text).toContain('Validation: Verified');
    expect(browser.page.errorAt(identifier)).toBe(en['refusal.identifier-shape']);
    expect((await browser.press('Continue', { [identifier]: person.address })).heading).toBe(ways);
  });

  it('once right, are not asked for again after "Did you mean"', async () => {
    await send(app.lettersOn(browser.page), { [identifier]: 'maria@gmial.com' });
    expect(browser.page.text).toContain('Did you mean maria@gmail.com?');
    expect((await browser.press('Use maria@gmail.com')).heading).toBe(ways);
  });

  it('after two failures stand beside the other ways, and right ones still pass', async () => {
    for (let times = 0; times < 2; times += 1) {
      await send('AAAAA');
      app.clock.advance(10 * secondMs);
    }
    expect(browser.page.html).toMatch(/class="check-stuck">/);
    expect(browser.page.text).toContain('Is this not working? There are other ways:');
    expect((await send(app.lettersOn(browser.page))).heading).toBe(ways);
  });
});

describe('a proof', () => {
  it('is spent by one recovery: the next one asks again', async () => {
    await send(app.lettersOn(browser.page));
    await browser.open('/recover');
    const page = await send('');
    expect(page.notice).toBe(en['refusal.check-missing']);
  });

  it('used once is refused: the same letters do not pass twice', async () => {
    const fields = { challenge: challengeOnPage(), letters: app.lettersOn(browser.page), identifier: person.address };
    expect((await browser.post('/recover', fields)).heading).toBe(ways);
    const page = await browser.post('/recover', fields);
    expect([page.status, page.notice]).toEqual([422, en['refusal.check-late']]);
  });

  it('made for another browser is refused', async () => {
    const fields = { challenge: challengeOnPage(), letters: app.lettersOn(browser.page), identifier: person.address };
    const other = app.browser();
    await other.open('/recover');
    expect((await other.post('/recover', fields)).status).toBe(422);
  });

  it('made for another form is refused', async () => {
    await browser.open('/recover/case');
    app.clock.advance(10 * secondMs);
    const fields = { challenge: challengeOnPage(), letters: app.lettersOn(browser.page), identifier: person.address };
    expect((await browser.post('/recover', fields)).status).toBe(422);
  });

  it('older than its life is refused, and the identifier stays', async () => {
    app.clock.advance(30 * minuteMs);
    const page = await send(app.lettersOn(browser.page));
    expect([page.status, page.notice]).toEqual([422, en['refusal.check-late']]);
    expect(page.valueOf(identifier)).toBe(person.address);
  });

  it('passes one of sixteen starts at once', async () => {
    await send(app.lettersOn(browser.page), { [identifier]: 'no, not an identifier' });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ identifier: person.address });
    const answers = await Promise.all(
      Array.from({ length: 16 }, () => browser.send('/recover', { method: 'POST', headers, body })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });
});

describe('the way with no puzzle', () => {
  it('is a wait of half a minute, and then one press', async () => {
    await browser.press('Check without typing');
    expect(browser.page.text).toContain('Please wait 30 seconds.');
    expect(browser.page.html).toContain('<meta http-equiv="refresh" content="30">');
    app.clock.advance(30 * secondMs);
    await browser.open(browser.page.path);
    expect(browser.page.text).toContain(en['check.wait-ready']);
    await browser.press('Continue');
    expect(browser.page.heading).toBe('Verified');
    await browser.follow('Go back');
    expect(browser.page.text).toContain('Validation: Verified');
    expect((await browser.press('Continue', { [identifier]: person.address })).heading).toBe(ways);
  });

  it('does not end early', async () => {
    await browser.press('Check without typing');
    app.clock.advance(30 * secondMs - 1);
    await browser.post(browser.page.path, {});
    await browser.open('/recover');
    expect(browser.page.text).not.toContain('Validation: Verified');
  });
});

async function post(path: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  return (await browser.send(path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

/** Slides by API, as the page's script does. */
async function slide(purpose: string, more: Partial<Drag> = {}) {
  const task = await post('/api/v1/human-checks', { purpose, kind: 'slide' });
  app.clock.advance(task.waitMs);
  const work = await solveWork(task.work);
  const drag = { ...handDrag(task.travelPx), ...more };
  return post('/api/v1/human-checks/answers', { purpose, challenge: task.challenge, mode: 'drag', work, drag });
}

describe('the scores of checks', () => {
  it('are counted by policy, way and points, beside how many proved the code, once the recovery is over', async () => {
    await app.db.write((tx) => tx.updateTable('recoveries').set({ check_mode: null }).execute());
    const scores = () => countScores(app.db, { site: 'default', now: app.clock.now() });
    const start = async () => {
      await browser.open('/recover');
      expect((await browser.press('Continue', { [identifier]: person.address })).heading).toBe(ways);
    };
    const prove = async () => {
      await askForCode(browser);
      await enterCode(browser, codeOf(await app.mailTo(person.address)));
    };
    expect(await slide('recovery')).toEqual({ outcome: 'passed' });
    await start();
    expect(await scores()).toEqual([]);
    await prove();

    // Taken for a script, and a person all the same.
    const judged = await slide('recovery', { isTrusted: false });
    const typed = app.lettersOn({ html: `name="challenge" value="${judged.task.challenge}"` });
    app.clock.advance(10 * secondMs);
    const given = { purpose: 'recovery', challenge: judged.task.challenge, mode: 'letters', letters: typed };
    expect(await post('/api/v1/human-checks/answers', given)).toEqual({ outcome: 'passed' });
    await start();
    await prove();

    // Letters without a slide, and no code.
    person = await app.addPerson();
    browser = app.browser();
    await browser.open('/recover');
    app.clock.advance(10 * secondMs);
    await send(app.lettersOn(browser.page));
    const policy = slidePolicy;
    const proved = [
      { policy, mode: 'drag', score: 0, recoveries: 1, proved: 1 },
      { policy, mode: 'letters', score: 5, recoveries: 1, proved: 1 },
    ];
    expect(await scores()).toEqual(proved);
    app.clock.advance(dayMs);
    const [drag, letter] = proved;
    expect(await scores()).toEqual([drag, { policy, mode: 'letters', score: null, recoveries: 1, proved: 0 }, letter]);
  });
});

describe('under attack', () => {
  it('a slide passed before is not enough for any form: each asks for letters, and keeps what was typed', async () => {
    const forms = [
      { path: '/recover', purpose: 'recovery', button: 'Continue', fields: { [identifier]: person.address } },
      {
        path: '/sign-up',
        purpose: 'sign-up',
        button: 'Create account',
        fields: { 'User ID': 'besieged', Email: 'besieged@mail.example', Password: 'seven green umbrellas' },
      },
      {
        path: '/recover/case',
        purpose: 'case',
        button: 'Open the case',
        fields: {
          'Something else': 'chosen',
          'What happened?': 'The harbour took it.',
          'An email address where we can reach you': 'a@mail.example',
        },
      },
    ];
    for (const { purpose } of forms) expect(await slide(purpose)).toEqual({ outcome: 'passed' });
    const attack = { key: 'check-site/default', count: limits['check-site'].max, expires_at: app.clock.now() + dayMs };
    const { key, ...under } = attack;
    await app.db.write((tx) => tx.updateTable('counters').set(under).where('key', '=', key).execute());
    for (const { path, button, fields } of forms) {
      await browser.open(path);
      expect(browser.page.text).toContain('Validation: Verified');
      const asked = await browser.press(button, fields);
      expect([path, asked.notice]).toEqual([path, en['refusal.check-letters']]);
      app.clock.advance(10 * secondMs);
      const password = path === '/sign-up' ? { Password: 'seven green umbrellas' } : {};
      const done = await browser.press(button, { ...password, [letters]: app.lettersOn(asked) });
      expect([path, done.status, done.notice]).toEqual([path, 200, '']);
    }
    await app.db.write((tx) => tx.deleteFrom('counters').where('key', '=', key).execute());
  });
});

describe('attack 23: somebody who would do without it', () => {
  const json = async (path: string, body: object, as = browser) => {
    const headers = { 'content-type': 'application/json' };
    const response = await as.send(`/api/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer: Record<string, unknown> = Object(await response.json());
    return { status: response.status, answer };
  };
  const start = (as = browser) => json('recoveries', { identifier: person.address }, as);
  const ask = async (kind: string, as = browser) => {
    const { answer } = await json('human-checks', { purpose: 'recovery', kind }, as);
    app.clock.advance(30 * secondMs);
    return answer;
  };
  const judge = (body: object, as = browser) => json('human-checks/answers', { purpose: 'recovery', ...body }, as);

  it('leaves it out, at the form and at its twin of the API: nothing begins', async () => {
    const { status } = await browser.post('/recover', { identifier: person.address });
    expect([status, (await start()).answer['type']]).toEqual([422, expect.stringContaining('check-missing')]);
    expect((await judge({ challenge: challengeOnPage(), mode: 'letters' })).answer['outcome']).not.toBe('passed');
    expect((await judge({ challenge: '', mode: 'wait' })).answer['outcome']).toBe('again');
  });

  it('comes without cookies, or with those of nobody, and with right letters', async () => {
    const fields = { challenge: challengeOnPage(), letters: app.lettersOn(browser.page), identifier: person.address };
    const bare = app.browser();
    expect((await bare.post('/recover', fields)).status).toBe(422);
    bare.setCookie('check', 'A'.repeat(22));
    expect((await bare.post('/recover', fields)).status).toBe(422);
    const answer = { challenge: fields.challenge, mode: 'letters', letters: fields.letters };
    expect((await judge(answer, app.browser())).answer['outcome']).toBe('again');
  });

  it('looks for the letters in the page, in names, in the challenge and in what surrounds the picture', async () => {
    const [text, digits] = [app.lettersOn(browser.page), app.digitsOn(browser.page)];
    const blind = (html: string, challenge: string) => html.replaceAll(challenge, '').replaceAll(/\s+/g, ' ');
    const seen = blind(browser.page.html, challengeOnPage());
    const picture = await browser.send(`/recover/letters/${challengeOnPage()}`);
    const sound = await browser.send(`/recover/audio/${challengeOnPage()}`);
    const headersOf = (response: Response) =>
      [...response.headers].filter(([name]) => !['date', 'content-length', 'set-cookie'].includes(name));
    const told = [headersOf(picture), headersOf(sound)];
    const payload = Buffer.from(challengeOnPage().split('.')[0] ?? '', 'base64url').toString();
    for (const answer of [text, digits]) expect(seen + payload + JSON.stringify(told)).not.toContain(answer);
    // Another challenge: another answer, and not another word.
    const first = challengeOnPage();
    await browser.open('/recover');
    expect(app.lettersOn(browser.page)).not.toBe(text);
    expect(challengeOnPage()).not.toBe(first);
    expect(blind(browser.page.html, challengeOnPage())).toBe(seen);
    const others = [`/recover/letters/${challengeOnPage()}`, `/recover/audio/${challengeOnPage()}`];
    expect(await Promise.all(others.map(async (path) => headersOf(await browser.send(path))))).toEqual(told);
  });

  it('sweeps the slide: one answer a challenge, and after two failures letters, at a higher price', async () => {
    const sweep = async (): Promise<unknown[]> => {
      const { challenge } = await ask('slide');
      const outcomes: unknown[] = [];
      for (let px = 184; px <= 228; px += 11) {
        const trace = [px, 0, 90];
        const drag = { trace, pointer: 'mouse', isTrusted: true, isAutomated: false, pixelRatio: 1 };
        const whole = { ...drag, grab: [3, 3], approach: 9, restMs: 50 };
        const { answer } = await judge({ challenge, mode: 'drag', work: '0'.repeat(64), drag: whole });
        outcomes.push(answer['why'] ?? answer['outcome']);
      }
      return outcomes;
    };
    const late = ['late', 'late', 'late', 'late'];
    const cheap = Object(await ask('slide'))['work'].upTo;
    expect(await sweep()).toEqual(['wrong', ...late]);
    expect(await sweep()).toEqual(['letters', ...late]);
    expect(Object(await ask('slide'))['work'].upTo).toBeGreaterThan(cheap);
    expect((await start()).answer['type']).toContain('check-missing');
  });

  it('solves it once and uses it at the form and at the API, for this and for something else: it counts once', async () => {
    const { challenge } = await ask('letters');
    const letters = app.lettersOn({ html: `name="challenge" value="${String(challenge)}"` });
    expect((await judge({ challenge, mode: 'letters', letters })).answer['outcome']).toBe('passed');
    await browser.post('/sign-up', {
      userId: 'attacker',
      address: 'attacker@mail.example',
      password: 'an old and quiet lamp',
    });
    expect(browser.page.notice).toBe(en['refusal.check-missing']);
    expect((await start()).status).toBe(201);
    expect((await start()).answer['type']).toContain('check-missing');
    expect((await browser.post('/recover', { identifier: person.address })).status).toBe(422);
  });

  it('reads every picture rightly, without a pause, from one network: few pictures, and fewer recoveries', async () => {
    const { max } = limits['check-plain'];
    const statuses: number[] = [];
    for (let times = 0; times < max + 2; times += 1)
      statuses.push((await browser.send(`/recover/letters/${challengeOnPage()}`)).status);
    expect([statuses.indexOf(429), statuses.slice(max)]).toEqual([max, [429, 429]]);
    const begun = limits['recovery-start'].max;
    let page = browser.page;
    for (let times = 0; times <= begun; times += 1) {
      await browser.open('/recover');
      app.clock.advance(2 * secondMs);
      page = await send(app.lettersOn(browser.page));
      expect(page.status).toBe(times < begun ? 200 : 429);
    }
    expect(page.notice).toContain('Too many');
  });
});

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
