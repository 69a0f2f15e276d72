// What settings may not be together, and what they may be but is risky: pure, and by their values alone. A setting that
// could not be read is left out, so that every other fault is told all the same.
import { isLoopback, type SettingName, type Settings } from './settings.ts';

/** What is to be said about a setting. */
export interface Remark {
  readonly name: SettingName;
  readonly words: string;
}

type Readable = Partial<Settings>;

/** Why these settings are refused. */
export function contradictions(settings: Readable): Remark[] {
  return [
    ...(settings.mode === 'production' ? developmentOnly(settings) : []),
    ...judgeKeys(settings),
    ...judgeColour(settings),
    ...judgeProvider(settings),
  ];
}

function* developmentOnly(settings: Readable): Generator<Remark> {
  const { alwaysLetters, humanCheck, humanCheckSecret, origin, keys = [] } = settings;
  if (alwaysLetters) yield { name: 'alwaysLetters', words: 'a test switch, refused in production' };
  if (humanCheck === 'off') yield { name: 'humanCheck', words: 'off is for tests, refused in production' };
  if (humanCheckSecret !== undefined && isTestSecret(humanCheckSecret))
    yield { name: 'humanCheckSecret', words: 'is one that the provider gives out for tests, refused in production' };
  if (origin !== undefined && !origin.startsWith('https://') && !isLoopback(origin))
    yield { name: 'origin', words: 'must be https in production' };
  for (const { id, secret } of keys) {
    const why = developmentKeys.has(id) ? 'is named as in development' : isGuessable(secret) && 'is no random key';
    if (why)
      yield { name: 'keys', words: `the key "${id}" ${why}, refused in production: make one with rekey keys new` };
  }
}

/** The demo and the tests name theirs so. */
const developmentKeys: ReadonlySet<string> = new Set(['demo', 'test']);

/**
 * Zeroes, a counter, a word over and over, or plain text. Of 32 random bytes some 30 are different, and fewer than 16
 * in less than one of 10^15 keys; as rarely are they all printable.
 */
function isGuessable(secret: Buffer): boolean {
  const steps = secret.map((byte, at) => byte - (secret[at - 1] ?? 0));
  const isText = secret.every((byte) => byte >= 0x20 && byte < 0x7f);
  return secret.length >= keyMinBytes && (isText || new Set(secret).size < 16 || new Set(steps).size < 16);
}

const keyMinBytes = 32;

function* judgeKeys({ keys = [] }: Readable): Generator<Remark> {
  if (keys.some(({ secret }) => secret.length < keyMinBytes))
    yield { name: 'keys', words: `each key needs at least ${keyMinBytes} bytes` };
  if (new Set(keys.map(({ id }) => id)).size < keys.length) yield { name: 'keys', words: 'two keys have the same id' };
}

function* judgeProvider({ humanCheckProvider, ...settings }: Readable): Generator<Remark> {
  if (humanCheckProvider === undefined) return;
  const isOurs = humanCheckProvider === 'built-in';
  for (const name of ['humanCheckSiteKey', 'humanCheckSecret'] as const) {
    if ((settings[name] === undefined) === isOurs) continue;
    const why = isOurs ? 'is for a humanCheckProvider, and none is set' : `must be set for ${humanCheckProvider}`;
    yield { name, words: why };
  }
}

/** Published secrets with which any token passes, or none. */
export const isTestSecret = (secret: string): boolean => testSecrets.has(secret);

const testSecrets: ReadonlySet<string> = new Set([
  '1x0000000000000000000000000000000AA',
  '2x0000000000000000000000000000000AA',
  '3x0000000000000000000000000000000AA',
  '0x0000000000000000000000000000000000000000',
  '6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe',
]);

function* judgeColour({ brandColour }: Readable): Generator<Remark> {
  const contrast = brandColour === undefined ? Number.POSITIVE_INFINITY : contrastWithWhite(brandColour);
  if (contrast >= 4.5) return;
  const measured = contrast.toFixed(1);
  yield {
    name: 'brandColour',
    words: `white text on ${brandColour} has a contrast of ${measured}; WCAG 1.4.3 asks for 4.5`,
  };
}

/** What is allowed, and should be known all the same. */
export function* risks(settings: Readable): Generator<Remark> {
  const { mode, origin, smtp, keys = [], passwordMinLength = 15, trustedProxies, senderAddress, database } = settings;
  const { humanCheckProvider = 'built-in' } = settings;
  if (mode === 'development')
    yield { name: 'mode', words: 'in development test switches and plain http are allowed: not for real people' };
  if (origin !== undefined && isLoopback(origin))
    yield { name: 'origin', words: 'leads to this machine only: nobody else can open the links in mails' };
  if (origin !== undefined && isReserved(new URL(origin).hostname))
    yield { name: 'origin', words: 'is a name for examples: nobody can open the links in mails' };
  if (senderAddress !== undefined && isReserved(senderAddress.slice(senderAddress.lastIndexOf('@') + 1)))
    yield { name: 'senderAddress', words: 'is a name for examples: mail servers refuse it, and nobody can answer' };
  if (trustedProxies === 0 && origin?.startsWith('https://'))
    yield {
      name: 'trustedProxies',
      words: 'is 0: if a proxy of yours answers for https, all visitors share one network, and its limits',
    };
  if (passwordMinLength < 15)
    yield { name: 'passwordMinLength', words: 'below 15 is too short where a password is all (NIST SP 800-63B-4)' };
  if (smtp?.startsWith('smtp://') && !isLoopback(smtp.replace(/^smtp/, 'http')))
    yield {
      name: 'smtp',
      words: 'codes go unencrypted where the mail server offers no STARTTLS: use smtps:// if you can',
    };
  if (database !== undefined && /^sqlite:(?!\/|[A-Za-z]:)/.test(database))
    yield { name: 'database', words: 'is below the folder that Rekey is started in: write the whole path' };
  if (humanCheckProvider !== 'built-in')
    yield {
      name: 'humanCheckProvider',
      words: `lets ${humanCheckProvider} see whoever opens a page with a check, by requests to another company: say so in the privacy notice`,
    };
  if (keys.length > 5) yield { name: 'keys', words: `are ${keys.length}: each one makes every look-up slower` };
}

/** Names that never lead anywhere (RFC 2606). */
const isReserved = (host: string): boolean =>
  /(^|\.)(example|test|invalid|localhost|example\.(com|net|org))$/i.test(host) && host !== 'localhost';

/** Relative luminance contrast of WCAG 2.2. */
function contrastWithWhite(hex: string): number {
  const channel = (at: number) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 1.05 / (0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05);
}
