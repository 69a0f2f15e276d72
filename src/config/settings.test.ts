import { describe, expect, it } from 'vitest';
import { readSettings, SettingsFault } from './read-settings.ts';
import { isLoopback } from './settings.ts';

const needed = {
  origin: 'https://shop.example',
  smtp: 'smtps://user:password@mail.example',
  keys: 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=',
  siteName: 'Corner Shop',
  senderAddress: 'help@shop.example',
};

const alwaysPassed = {
  humanCheckProvider: 'turnstile',
  humanCheckSiteKey: '1x00000000000000000000AA',
  humanCheckSecret: '1x0000000000000000000000000000000AA',
};

function faultsOf(input: unknown): readonly string[] {
  try {
    readSettings(input);
  } catch (fault) {
    if (fault instanceof SettingsFault) return fault.faults;
    throw fault;
  }
  return [];
}

describe('the settings', () => {
  it('need five words from the operator; the rest is set well', () => {
    expect(readSettings(needed)).toMatchObject({
      mode: 'production',
      passwordMinLength: 15,
      codeLifeMinutes: 30,
      linkLifeMinutes: 1_440,
      humanCheck: 'on',
      noAccountMail: true,
      trustedProxies: 0,
      languages: ['en', 'es'],
    });
  });

  it('take what a preset has, where nothing else was set', () => {
    expect(readSettings({ ...needed, preset: 'asvs' })).toMatchObject({ codeLifeMinutes: 10, linkLifeMinutes: 10 });
    expect(readSettings({ ...needed, preset: 'asvs', linkLifeMinutes: 60 })).toMatchObject({
      codeLifeMinutes: 10,
      linkLifeMinutes: 60,
    });
    expect(faultsOf({ ...needed, preset: 'nist' })).toEqual(['preset: must be standard or asvs']);
    expect(faultsOf({ ...needed, preset: 'asvs', codeLifeMinutes: null })).toEqual([
      'codeLifeMinutes: must be a number',
    ]);
  });

  it('tell all faults at once, by their names', () => {
    const faults = faultsOf({ passwordMinLength: 7, codeLifeMinutes: 1_441, colour: 'red' });
    for (const name of ['origin', 'smtp', 'keys', 'siteName', 'senderAddress', 'passwordMinLength', 'codeLifeMinutes'])
      expect(faults.join('\n')).toContain(name);
  });

  it.each([
    ['a path in the origin', { origin: 'https://shop.example/x' }, 'origin'],
    ['a user in the origin', { origin: 'https://a@shop.example' }, 'origin'],
    ['another scheme', { origin: 'ftp://shop.example' }, 'origin'],
    ['a password shorter than 8', { passwordMinLength: 7 }, 'passwordMinLength'],
    ['a code that lives longer than a day', { codeLifeMinutes: 1_441 }, 'codeLifeMinutes'],
    ['a link that lives longer than a day', { linkLifeMinutes: 1_441 }, 'linkLifeMinutes'],
    ['a session longer than 30 days', { sessionDays: 31 }, 'sessionDays'],
    ['a short key', { keys: 'k1:c2hvcnQ=' }, 'keys'],
    ['a key that only looks long enough', { keys: `k1:${'='.repeat(44)}` }, 'keys'],
    ['two keys of one name', { keys: `${needed.keys},${needed.keys}` }, 'two keys have the same id'],
    ['no language', { languages: [] }, 'languages'],
    ['a language that is not there', { languages: ['fr'] }, 'languages'],
    ['a colour on which white cannot be read', { brandColour: '#ffff00' }, 'WCAG 1.4.3'],
    ['a logo from elsewhere', { logo: 'https://cdn.example/logo.svg' }, 'logo'],
    ['a provider without its keys', { humanCheckProvider: 'hcaptcha' }, 'humanCheckSecret: must be set for hcaptcha'],
    ['the key of a provider that is not set', { humanCheckSiteKey: '0123456789' }, 'humanCheckSiteKey: is for a'],
    ['a setting that there is none of', { passwordMinLenght: 20 }, 'passwordMinLenght'],
  ])('refuse %s', (_, more, words) => expect(faultsOf({ ...needed, ...more }).join('\n')).toContain(words));

  it.each([
    ['the human check off', { humanCheck: 'off' }, 'humanCheck: off is for tests'],
    ['letters after every slide', { alwaysLetters: true }, 'alwaysLetters: a test switch'],
    ['plain http', { origin: 'http://shop.example' }, 'origin: must be https in production'],
    ['a secret with which any token passes', alwaysPassed, 'humanCheckSecret: is one that the provider gives out'],
  ])('in production refuse %s and say why; in development take it', (_, more, words) => {
    expect(faultsOf({ ...needed, ...more })).toEqual([expect.stringContaining(words)]);
    expect(faultsOf({ ...needed, ...more, mode: 'development' })).toEqual([]);
  });

  it('name the setting that a misspelt one was meant to be', () => {
    expect(faultsOf({ ...needed, passwordMinLenght: 20, colour: 'x' })).toEqual([
      'passwordMinLenght: there is no such setting. Did you mean passwordMinLength?',
      'colour: there is no such setting',
    ]);
  });

  it('take plain http on loopback, in production too', () => {
    expect(faultsOf({ ...needed, origin: 'http://127.0.0.1:4400' })).toEqual([]);
  });

  it('take the origin as browsers write it', () => {
    expect(readSettings({ ...needed, origin: 'https://SHOP.example:443' }).origin).toBe('https://shop.example');
  });

  it('keep the order of keys: the first signs', () => {
    const second = Buffer.from(Array.from({ length: 48 }, (_, at) => (at * at * 7) & 255));
    const { keys } = readSettings({ ...needed, keys: `new:${second.toString('base64')},${needed.keys}` });
    expect(keys.map(({ id }) => id)).toEqual(['new', 'k1']);
    expect(keys[0]?.secret).toEqual(second);
  });
});

it.each([
  ['http://localhost', true],
  ['http://127.0.0.1:80', true],
  ['http://127.9.9.9', true],
  ['http://[::1]:4400', true],
  ['http://127.0.0.1.evil.example', false],
  ['http://shop.example', false],
  ['http://0.0.0.0', false],
])('%s is this machine: %s', (origin, is) => expect(isLoopback(origin)).toBe(is));
