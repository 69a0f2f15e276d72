import type { Scenario } from '../scenario.ts';
import { codeOf, signIn } from '../walk.ts';

const markup = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const isLive = (html: string): boolean => /<script>alert\(1\)|<img src=x onerror/i.test(html);

/** What might lead from here to another site. */
const away = [
  '//evil.example',
  'https://evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '\\\\evil.example',
  '/.//evil.example',
  'javascript:alert(1)',
  '/%09/evil.example',
];

export const framingAndMarkup: Scenario = {
  number: 19,
  name: 'framing-and-markup',
  title: 'Pages in a frame, markup in a name, a way back to another site',
  cost: 'a link that the victim opens',
  expectation:
    'no page can be framed or runs inline script; what was typed is shown as words; the way back stays in the site',

  async outside({ browser: open, path }, { expect }) {
    for (const place of [
      '/sign-in',
      '/sign-up',
      '/recover',
      '/recover/case',
      '/recover/case/status',
      '/recover/link/AAAAAAAAAAAAAAAAAAAAAA',
      '/support/sign-in',
      '/no-such-page',
    ]) {
      const { headers } = await open().open(path(place));
      const policy = headers.get('content-security-policy') ?? '';
      expect(
        policy.includes("frame-ancestors 'none'") && headers.get('x-frame-options') === 'DENY',
        `${place} can be framed`,
      );
      expect(
        policy.includes("default-src 'none'") && !/unsafe-(inline|eval)/.test(policy),
        `${place} allows inline script: ${policy || 'no policy'}`,
      );
      expect(
        policy.includes("base-uri 'none'") && policy.includes("form-action 'self'"),
        `${place} lets a form or a base lead elsewhere`,
      );
    }
    const encoded = encodeURIComponent(markup);
    for (const place of [
      `/sign-in?returnTo=${encoded}`,
      `/recover?lang=${encoded}`,
      `/recover/case/status?number=${encoded}`,
      `/${encoded}`,
      `/recover/link/${encoded}`,
      `/recover/wait?purpose=${encoded}`,
    ]) {
      const response = await open().send(path(place), { headers: { 'accept-language': markup, 'user-agent': markup } });
      expect(response.status < 500 && !isLive(await response.text()), `${place} shows markup as markup, or fails`);
    }
    const forms: [string, Record<string, string>][] = [
      ['/recover', { identifier: markup }],
      ['/sign-in', { identifier: markup, password: markup }],
      ['/sign-up', { userId: markup, address: markup, password: markup }],
      ['/recover/case', { kind: markup, identifier: markup, words: markup, contact: markup }],
      ['/recover/case/status', { number: markup, code: markup }],
    ];
    for (const [place, fields] of forms) {
      const response = await open().send(path(place), { method: 'POST', body: new URLSearchParams(fields) });
      expect(
        response.status < 500 && !isLive(await response.text()),
        `${place} shows what was typed as markup, or fails`,
      );
    }
  },

  async inside(target, { expect, tell }) {
    const person = await target.addPerson();
    for (const returnTo of away) {
      const browser = target.browser();
      const body = new URLSearchParams({ identifier: person.userId, password: person.password, returnTo });
      const { headers } = await browser.send('/sign-in', { method: 'POST', body });
      const to = new URL(headers.get('location') ?? '/', target.origin);
      expect(to.origin === target.origin && !to.pathname.startsWith('//'), `the way back leads to ${to.href}`);
    }
    // In the list of sessions, in a case, in the mails about it, and at the desk.
    const browser = target.browser();
    const body = new URLSearchParams({ identifier: person.userId, password: person.password });
    await browser.send('/sign-in', { method: 'POST', headers: { 'user-agent': markup }, body });
    expect(!isLive((await browser.open('/account/sessions')).html), 'the list of sessions shows markup');
    const contact = 'marked-up@mail.example';
    const opened = await browser.post('/recover/case', {
      kind: 'other',
      identifier: person.userId,
      words: markup,
      contact,
    });
    const number = /\/recover\/case\/(\w+)/.exec(opened.html)?.[1] ?? '';
    expect(number !== '' && !isLive(opened.html), 'the page of a case shows markup');
    await browser.post(`/recover/case/${number}/contact`, { code: codeOf(await target.mailTo(contact)) });
    await browser.post(`/recover/case/${number}/message`, { words: markup });
    expect(!isLive((await browser.open(`/recover/case/${number}`)).html), 'the page of a case shows markup');
    for (const { html } of await target.mails()) expect(!isLive(html), 'a mail shows markup');
    const desk = await target.agent('agent');
    const seen = await desk.open(`/support/cases/${number}`);
    expect(seen.text.includes('alert(1)'), 'the desk does not show what was written: this says nothing then');
    expect(!isLive(seen.html), 'the desk shows markup');
    await signIn(target, browser, person.userId, person.password);
    tell(`${away.length} ways out, one piece of markup in twelve places`);
  },
};
