import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Loaded, loadSettings } from './load.ts';
import { SettingsFault } from './read-settings.ts';
import { type SettingName, settingNames } from './settings.ts';

const randomKey = 'k1:Zr7mO2uYxq0Jt3fVbKcW9sLhEiNpGdTa5X8vQyRkB4o=';
const needed = {
  REKEY_ORIGIN: 'https://shop.site',
  REKEY_SMTP: 'smtps://user:password@mail.site',
  REKEY_KEYS: randomKey,
  REKEY_SITE_NAME: 'Corner Shop',
  REKEY_SENDER_ADDRESS: 'help@shop.site',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content, { mode: 0o600 });
  await chmod(path, 0o600);
  return path;
}

const load = (environment: Record<string, string>, file?: string): Promise<Loaded<SettingName>> =>
  loadSettings({ environment, file, needed: settingNames });

async function faultsOf(environment: Record<string, string>, file?: string): Promise<readonly string[]> {
  try {
    await load(environment, file);
  } catch (fault) {
    if (fault instanceof SettingsFault) return fault.faults;
    throw fault;
  }
  return [];
}

describe('settings from outside', () => {
  it('come from variables as what the setting is: text, numbers, switches, lists', async () => {
    const { settings, sources } = await load({
      ...needed,
      PATH: '/bin',
      REKEY_PASSWORD_MIN_LENGTH: '20',
      REKEY_NO_ACCOUNT_MAIL: 'false',
      REKEY_LANGUAGES: 'es, en',
      REKEY_TRUSTED_PROXIES: '1',
    });
    expect(settings).toMatchObject({
      siteName: 'Corner Shop',
      passwordMinLength: 20,
      noAccountMail: false,
      languages: ['es', 'en'],
      codeLifeMinutes: 30,
    });
    expect(sources.get('languages')).toBe('REKEY_LANGUAGES');
    expect(sources.has('codeLifeMinutes')).toBe(false);
  });

  it('are taken from the variable before the file, and from the file before the default', async () => {
    const file = await write('both.json', '\ufeff{"siteName": "File", "sessionDays": 7, "languages": ["es"]}');
    const { settings, sources } = await load({ ...needed, REKEY_CONFIG: file });
    expect(settings).toMatchObject({ siteName: 'Corner Shop', sessionDays: 7, languages: ['es'], supportHours: 48 });
    expect([sources.get('siteName'), sources.get('sessionDays')]).toEqual(['REKEY_SITE_NAME', file]);
  });

  it.each(['\n', '\r\n', ''])('take a secret from its file without the line end %j', async (end) => {
    const { REKEY_KEYS, ...others } = needed;
    const path = await write('keys', `${REKEY_KEYS}${end}`);
    const { settings, sources } = await load({ ...others, REKEY_KEYS_FILE: path });
    expect(settings.keys.map(({ id }) => id)).toEqual(['k1']);
    expect(sources.get('keys')).toBe('REKEY_KEYS_FILE');
  });

  it('tell every fault at once, each by the name that the operator gave', async () => {
    const file = await write('faults.json', '{"siteNam": "x", "sessionDays": 31, "basePath": "x", "basePath": "y"}');
    const faults = await faultsOf(
      {
        REKEY_ORIGN: 'https://shop.site',
        REKEY_ALWAYS_LETTERS: 'true',
        REKEY_HUMAN_CHECK: 'off',
        REKEY_NO_ACCOUNT_MAIL: 'yes',
        REKEY_CODE_LIFE_MINUTES: '1e3',
        REKEY_SENDER_NAME: '',
        REKEY_LANGUAGES: 'fr,de',
        REKEY_LOGO_FILE: '/logo',
        REKEY_SMTP: 'smtps://mail.site',
        REKEY_SMTP_FILE: '/none',
        REKEY_KEYS: `zero:${Buffer.alloc(32).toString('base64')}`,
      },
      file,
    );
    expect(faults.toSorted()).toEqual(
      [
        `${file}: "basePath" stands there twice, and only one can count.`,
        `${file}: "basePath" a path like /account-help`,
        `${file}: "sessionDays" must be 30 or less`,
        `${file}: "siteNam" is no setting. Did you mean siteName?`,
        'REKEY_ALWAYS_LETTERS: a test switch, refused in production',
        'REKEY_CODE_LIFE_MINUTES: must be a whole number',
        'REKEY_HUMAN_CHECK: off is for tests, refused in production',
        'REKEY_KEYS: the key "zero" is no random key, refused in production: make one with rekey keys new',
        'REKEY_LANGUAGES: must be en or es',
        'REKEY_LOGO_FILE: only a secret is read from a file. Set REKEY_LOGO.',
        'REKEY_NO_ACCOUNT_MAIL: must be true or false',
        'REKEY_ORIGIN: must be set, here or as "origin" in the settings file',
        'REKEY_ORIGN: there is no such setting. Did you mean REKEY_ORIGIN?',
        'REKEY_SENDER_ADDRESS: must be set, here or as "senderAddress" in the settings file',
        'REKEY_SENDER_NAME: is empty. Give it a value, or unset it.',
        'REKEY_SITE_NAME: must be set, here or as "siteName" in the settings file',
        'REKEY_SMTP_FILE: REKEY_SMTP is set too, and only one of them can count. Unset one.',
      ].toSorted(),
    );
  });

  it.each([
    ['is not there', async () => join(folder, 'none')],
    ['is a folder, not a file', async () => folder],
    ['is empty', () => write('empty', '\n')],
    ['has more than 64 KB, too much for settings', () => write('large', 'a'.repeat(65_537))],
    ['is not text in UTF-8', () => write('latin', Buffer.from([0x6b, 0xe9]))],
  ])('say of a secret whose file %s just that', async (words, make) => {
    const { REKEY_KEYS: _, ...others } = needed;
    const path = await make();
    expect(await faultsOf({ ...others, REKEY_KEYS_FILE: path })).toEqual([`REKEY_KEYS_FILE: ${path} ${words}.`]);
  });

  it.each([
    ['is not there', async () => join(folder, 'none')],
    ['is a folder, not a file', async () => folder],
    ['is not JSON: look at line 2 column 1', () => write('a.json', '{"keys": "hidden"\nx')],
    ['must hold one JSON object, like {"origin": "https://shop.example"}', () => write('b.json', '[]')],
  ])('say of a settings file that %s just that, and judge the variables all the same', async (words, make) => {
    const path = await make();
    const faults = await faultsOf({ REKEY_LANGUAGES: 'fr' }, path);
    expect(faults).toEqual([`${path} ${words}.`, 'REKEY_LANGUAGES: must be en or es']);
  });

  it('never show a value: it may be a secret', async () => {
    const file = await write('secret.json', '{"keys": hidden}');
    const all = [...(await faultsOf({ REKEY_KEYS: 'hidden', REKEY_SMTP: 'hidden' }, file))].join('\n');
    expect(all).toContain('REKEY_KEYS');
    expect(
      await faultsOf({ ...needed, REKEY_HUMAN_CHECK_PROVIDER: 'turnstile', REKEY_HUMAN_CHECK_SECRET: 'hidden!' }),
    ).toEqual([
      'REKEY_HUMAN_CHECK_SECRET: letters, digits, - and _, as the provider shows it',
      'humanCheckSiteKey: must be set for turnstile',
    ]);
    expect(all).not.toContain('hidden');
  });

  it('warn of what is allowed and risky, and of secrets that every user of the machine may read', async () => {
    const keys = await write('shared', randomKey);
    await chmod(keys, 0o644);
    const { REKEY_KEYS: _, ...others } = needed;
    const { warnings } = await load({
      ...others,
      REKEY_KEYS_FILE: keys,
      REKEY_SMTP: 'smtp://mail.site',
      REKEY_PASSWORD_MIN_LENGTH: '8',
      REKEY_HUMAN_CHECK_PROVIDER: 'turnstile',
      REKEY_HUMAN_CHECK_SITE_KEY: '0x4AAAAAAAbcdef',
      REKEY_HUMAN_CHECK_SECRET_FILE: await write('provider', '0x4AAAAAAA-secret'),
    });
    for (const words of [keys, 'smtp', 'passwordMinLength', 'trustedProxies', 'database', 'humanCheckProvider'])
      expect(warnings.join('\n')).toContain(words);
    await chmod(keys, 0o600);
    const fine = {
      REKEY_KEYS_FILE: keys,
      REKEY_TRUSTED_PROXIES: '1',
      REKEY_DATABASE: 'sqlite:/var/lib/rekey/rekey.db',
    };
    expect((await load({ ...others, ...fine })).warnings).toEqual([]);
  });

  it('ask only for what a command needs, and judge the rest as well', async () => {
    const { settings } = await loadSettings({ environment: { REKEY_DATABASE: 'sqlite:a' }, needed: ['database'] });
    expect(settings.database).toBe('sqlite:a');
    await expect(
      loadSettings({ environment: { REKEY_DATABASE: 'sqlite:a', REKEY_LANGUAGES: 'fr' }, needed: ['database'] }),
    ).rejects.toThrow('REKEY_LANGUAGES');
  });
});

describe('in production', () => {
  it.each([
    ['zeroes', Buffer.alloc(32)],
    ['one byte over and over', Buffer.alloc(48, 7)],
    ['a counter', Buffer.from(Array.from({ length: 32 }, (_, at) => at))],
    ['plain text', Buffer.from('a quiet lamp, 19 green umbrellas & the sea')],
  ])('a key of %s is refused', async (_, secret) => {
    const faults = await faultsOf({ ...needed, REKEY_KEYS: `k1:${secret.toString('base64')}` });
    expect(faults).toEqual([expect.stringContaining('REKEY_KEYS: the key "k1" is no random key')]);
  });

  it('a key of the demo is refused, and in development it is taken', async () => {
    const environment = { ...needed, REKEY_KEYS: randomKey.replace('k1', 'demo') };
    expect(await faultsOf(environment)).toEqual([expect.stringContaining('the key "demo" is named as in development')]);
    expect(await faultsOf({ ...environment, REKEY_MODE: 'development' })).toEqual([]);
  });
});
