// What each page of the walk weighs on the wire: its HTML, and the styles and scripts that it names, compressed as they are
// sent. No machine changes these; what the browser does with them is measured by `npm run bench pages`.
import { get } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { askForCode, choosePassword, codeOf, enterCode, startRecovery } from './steps.ts';

/** What one round trip carries: no page may weigh more. */
const roundTripBytes = 14 * 1_024;
/** A twelfth above what each weighs: who needs more raises it here, and sees that it was raised. */
const mostBytes: Record<string, number> = {
  '/sign-in': 4_200,
  '/sign-up': 8_900,
  '/recover': 8_400,
  '/recover/case': 8_400,
  '/recover/method': 3_950,
  '/recover/code': 4_750,
  '/recover/password': 5_200,
  '/recover/done': 3_700,
};

let app: TestApp;
let checked: TestApp;
beforeAll(async () => {
  [app, checked] = await Promise.all([createTestApp(), createTestApp({ settings: { humanCheck: 'on' } })]);
});
afterAll(() => Promise.all([app.close(), checked.close()]));

const wireBytes = (url: URL, browser: Browser): Promise<{ readonly bytes: number; readonly encoding: string }> =>
  new Promise((resolve, reject) => {
    const cookie = Array.from(browser.cookies(), (pair) => pair.join('=')).join('; ');
    get(url, { headers: { cookie, 'accept-encoding': 'gzip, br' } }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve({ bytes, encoding: response.headers['content-encoding'] ?? 'none' }));
    }).on('error', reject);
  });

/** The page in front of the person, as a browser that knows nothing yet would load it. */
async function weigh({ origin }: TestApp, browser: Browser): Promise<number> {
  const { path, html } = browser.page;
  const named = [...html.matchAll(/<(?:script[^>]* src|link rel="(?:stylesheet|modulepreload)"[^>]* href)="([^"]+)"/g)];
  const files = await Promise.all(
    [path, ...named.map(([, file = '']) => file)].map((each) => wireBytes(new URL(each, origin), browser)),
  );
  expect(files.map(({ encoding }) => encoding)).not.toContain('none');
  expect(named.length).toBeGreaterThan(0);
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

it('is 14 KB at most, and little more than it was', async () => {
  const weights: Record<string, number> = {};
  const note = async (of: TestApp, browser: Browser) => {
    weights[browser.page.path.split('?')[0] ?? ''] = await weigh(of, browser);
  };
  const stranger = checked.browser('en');
  for (const path of ['/sign-in', '/sign-up', '/recover', '/recover/case']) {
    await stranger.open(path);
    await note(checked, stranger);
  }
  const person = await app.addPerson();
  const browser = app.browser('en');
  await startRecovery(browser, person.address);
  await note(app, browser);
  await askForCode(browser);
  await note(app, browser);
  await enterCode(browser, codeOf(await app.mailTo(person.address)));
  await note(app, browser);
  await choosePassword(browser);
  await note(app, browser);

  expect(Object.keys(weights).toSorted()).toEqual(Object.keys(mostBytes).toSorted());
  for (const [path, bytes] of Object.entries(weights)) {
    expect(bytes, path).toBeLessThanOrEqual(mostBytes[path] ?? 0);
    expect(bytes, path).toBeLessThanOrEqual(roundTripBytes);
  }
});
