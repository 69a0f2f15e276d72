// The human check without script (walks 3, 28, 29, 31; D6): letters in the form itself, other letters, a way with no
// puzzle, never a loop, and every proof spent once. In Chromium: test/pages/.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayMs, minuteMs, secondMs } from '../../src/base/clock.ts';
import { solveWork } from '../../src/client/work.ts';
import { en } from '../../src/i18n/en.ts';
import { limits } from '../../src/limits/limits.ts';
import { createTestApp, type Person, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { handDrag } from '../../src/testing/hand-drag.ts';

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
    expect(browser.page.text).toContain('The wait is over. One press is left.');
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

describe('under attack', () => {
  const start = { 'content-type': 'application/json' };
  /** Slides by API, as the page's script does. */
  async function slide(purpose: string): Promise<unknown> {
    const post = async (path: string, body: object) => {
      const answer = await browser.send(path, { method: 'POST', headers: start, body: JSON.stringify(body) });
      return answer.json();
    };
    const task = await post('/api/v1/human-checks', { purpose, kind: 'slide' });
    app.clock.advance(task.waitMs);
    const work = await solveWork(task.work);
    const drag = handDrag(task.travelPx);
    return post('/api/v1/human-checks/answers', { purpose, challenge: task.challenge, mode: 'drag', work, drag });
  }

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
          'An email where we can reach you': 'a@mail.example',
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

it('meets no fault of ours in all of this', () => {
  expect(app.faults).toEqual([]);
});
