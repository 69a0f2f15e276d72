// `rekey attack`: what can be tried from outside, against this machine or a deployment that shows a consent made with its own
// keys, and against nothing else.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { chosenScenarios } from '../../attack/scenarios.ts';
import { dayMs } from '../../src/base/clock.ts';
import { runCommand } from '../../src/cli/commands.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';

let app: TestApp;
/** The same, by a name that is not loopback's. */
let away: TestApp;
beforeAll(async () => {
  const now = Date.now();
  [app, away] = [await createTestApp({ now }), await createTestApp({ now, host: '0.0.0.0' })];
});
afterAll(async () => {
  await Promise.all([app.close(), away.close()]);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

interface Ended {
  readonly code: number;
  readonly said: string;
}

async function rekey(...args: string[]): Promise<Ended> {
  const lines: string[] = [];
  const note = (...words: unknown[]) => void lines.push(words.join(' '));
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(note),
    vi.spyOn(console, 'error').mockImplementation(note),
  ];
  const code = await runCommand(args);
  for (const spy of spies) spy.mockRestore();
  return { code, said: lines.join('\n') };
}

/** Made where these keys are. */
async function consentOf({ origin }: TestApp, fill = 7): Promise<string> {
  vi.stubEnv('REKEY_MODE', 'development');
  vi.stubEnv('REKEY_ORIGIN', origin);
  vi.stubEnv('REKEY_KEYS', `test:${Buffer.alloc(32, fill).toString('base64')}`);
  const { code, said } = await rekey('attack', 'consent');
  expect(code).toBe(0);
  return said.trim();
}

const shown = async (token: string) => {
  const { status } = await fetch(`${away.origin}/.well-known/rekey-attack-consent`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return status;
};

describe('rekey attack', () => {
  it('attacks this machine from outside, and says of the rest that it was not run', async () => {
    const { code, said } = await rekey('attack', '3', 'csrf', '19', '--url', app.origin);
    expect([said, code]).toEqual([expect.stringMatching(/3 attacks: 2 in part, 1 not run\.$/), 0]);
    expect(said).toMatch(/^18 {2}Forms that another site.* in part /m);
    expect(said).toContain('3: not run from outside: the rest needs the mailboxes');
  });

  it('compares a known identifier with none, in words and in time, and says how far it got', async () => {
    const person = await app.addPerson({ userId: 'know-one', address: 'know-one@mail.example' });
    const names = ['--known', person.userId, '--unknown', 'nobody-at', '--json'];
    const { said } = await rekey('attack', '2', '--url', app.origin, ...names);
    const told: unknown = JSON.parse(said.slice(said.indexOf('{"url"')).split('\n')[0] ?? '');
    expect(told).toMatchObject({ attacks: [{ name: 'enumeration', verdict: 'in part', faults: [] }] });
  });

  it('takes the beginning of a name for all that begin so', () => {
    expect(chosenScenarios(['enumeration', '24']).map(({ number }) => number)).toEqual([2, 22, 24]);
  });

  it('names the attacks where one is named that there is not', async () => {
    const { code, said } = await rekey('attack', 'sorcery', '--url', app.origin);
    expect([code, said]).toEqual([3, expect.stringContaining('There is no attack sorcery. There are: host-poisoning')]);
  });
});

describe('a deployment elsewhere', () => {
  it('is left alone without its consent, with one of other keys, of another deployment, changed, or over', async () => {
    const refused = async (...consent: string[]) => rekey('attack', '19', '--url', away.origin, ...consent);
    const none = await refused();
    expect(none.code).toBe(3);
    expect(none.said).toContain('is not on this machine, and no consent was given. Make one where its keys are');
    const own = await consentOf(away);
    for (const consent of [await consentOf(away, 8), await consentOf(app), own.replace(/.$/, '-'), 'x', `${own} x`]) {
      const { code, said } = await refused('--consent', consent);
      expect([consent, code, said]).toEqual([consent, 3, expect.stringContaining('does not show this consent')]);
    }
    expect(await refused('--consent', own)).toMatchObject({ code: 0 });
    away.clock.advance(2 * dayMs);
    expect(await refused('--consent', own)).toMatchObject({ code: 3 });
  });

  it('shows a consent to whoever holds it, while it lives, and has nothing there for anybody else', async () => {
    // The clock of the test stands two days ahead now.
    const [, old] = [await consentOf(app), await consentOf(away)];
    expect(await shown(old)).toBe(404);
    expect([await shown(''), await shown('a b'), await shown('x'.repeat(5_000))]).toEqual([404, 404, 404]);
    const { status } = await fetch(`${away.origin}/.well-known/rekey-attack-consent`);
    const nothing = await fetch(`${away.origin}/.well-known/no-such-thing`);
    expect([status, nothing.status]).toEqual([404, 404]);
  });

  it('that cannot be reached, or is no address, is told so in a sentence', async () => {
    for (const [url, words] of [
      ['nonsense', 'is no address'],
      ['ftp://127.0.0.1/', 'is no http or https address'],
      ['http://0.0.0.0:9/', 'cannot be reached'],
    ] as const) {
      const { code, said } = await rekey('attack', '19', '--url', url, '--consent', 'x');
      expect([url, code, said]).toEqual([url, 3, expect.stringContaining(words)]);
    }
  });
});
