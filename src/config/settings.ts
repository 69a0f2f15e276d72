// One table of settings: name, default, bounds, what it is for. Everything that an operator may choose is here;
// where one answer is right there is no setting.
import { z } from 'zod';

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'a colour like #1d4ed8');

const origin = z
  .string()
  .regex(/^https?:\/\/[^/?#@]+$/, 'scheme, host and port only, like https://shop.example')
  .transform((text) => new URL(text).origin);

const keyList = z
  .string()
  .regex(
    /^[a-z0-9-]+:[A-Za-z0-9+/=_-]{43,}(,[a-z0-9-]+:[A-Za-z0-9+/=_-]{43,})*$/,
    'id:base64 of 32 bytes or more, separated by commas',
  )
  .transform((text) =>
    text.split(',').map((pair) => {
      const [id = '', secret = ''] = pair.split(':');
      return { id, secret: Buffer.from(secret, 'base64') };
    }),
  );

export const settingsSchema = z.strictObject({
  mode: z
    .enum(['production', 'development'])
    .default('production')
    .describe('In production, test switches and plain http outside loopback are refused.'),
  origin: origin.describe('Where people reach the site. Links in mail are built from it, never from a request.'),
  basePath: z
    .string()
    .regex(/^(\/[\w-]+)*\/?$/, 'a path like /account-help')
    .default('/')
    .describe('The path under which the pages are mounted.'),
  homePath: z.string().startsWith('/').default('/').describe("The site's home page."),
  accountPath: z
    .string()
    .startsWith('/')
    .default('/')
    .describe('Where a person lands after signing in without a deep link.'),
  database: z.string().min(1).default('sqlite:rekey.db').describe('sqlite:FILE or postgres://...'),
  smtp: z
    .string()
    .regex(/^smtps?:\/\//, 'an address like smtps://user:password@mail.example')
    .describe('The mail server. A secret when it holds a password.'),
  keys: keyList.describe('The keys of all keyed hashes: id:base64, separated by commas; the first signs. A secret.'),
  siteName: z.string().trim().min(1).max(60).describe('The name that people know the site by.'),
  logo: z.string().startsWith('/').optional().describe('Path of a logo on the same origin.'),
  brandColour: colour.default('#1d4ed8').describe('Buttons and links. Its contrast with white is checked at start.'),
  cornerRadiusPx: z.number().int().min(0).max(24).default(10).describe('Corners of buttons and fields.'),
  senderName: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .optional()
    .describe('Who the mail is from; the site name where it is not set.'),
  senderAddress: z.email().describe('The address the mail is from.'),
  languages: z
    .array(z.enum(['en', 'es']))
    .min(1)
    .default(['en', 'es'])
    .describe('The languages on offer; the first is the default.'),
  passwordMinLength: z
    .number()
    .int()
    .min(8)
    .max(64)
    .default(15)
    .describe('Shortest password, in code points (NIST SP 800-63B-4: 15 where it is the only factor).'),
  codeLifeMinutes: z
    .number()
    .int()
    .min(5)
    .max(1_440)
    .default(30)
    .describe('How long a mailed code can be typed (ASVS 5.0 6.5.5: 10).'),
  linkLifeMinutes: z
    .number()
    .int()
    .min(10)
    .max(1_440)
    .default(1_440)
    .describe('How long the link in a recovery mail lives.'),
  sessionDays: z.number().int().min(1).max(30).default(30).describe('How long a sign-in lasts.'),
  noAccountMail: z
    .boolean()
    .default(true)
    .describe('Whether an address without an account is told so, in its own mailbox, at most once a day.'),
  supportHours: z
    .number()
    .int()
    .min(1)
    .max(720)
    .default(48)
    .describe('Within how many hours support promises a first answer.'),
  trustedProxies: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('How many proxies of yours stand in front and set X-Forwarded-For.'),
  humanCheck: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Off for a test of everything else. The limits hold without it.'),
  alwaysLetters: z.boolean().default(false).describe('A test switch: letters after every slide.'),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** Thrown once, with every fault in it: one line each. */
export class SettingsFault extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** All settings with their defaults, or one SettingsFault that names every fault. */
export function readSettings(input: unknown): Settings {
  const read = settingsSchema.safeParse(input);
  if (!read.success) {
    throw new SettingsFault(
      read.error.issues.map(({ path, message }) => `${path.join('.') || 'settings'}: ${message}`),
    );
  }
  const faults = contradictions(read.data);
  if (faults.length > 0) throw new SettingsFault(faults);
  return read.data;
}

function contradictions(settings: Settings): string[] {
  const faults: string[] = [];
  const isProduction = settings.mode === 'production';
  if (isProduction && settings.alwaysLetters) faults.push('alwaysLetters: a test switch, refused in production');
  if (isProduction && settings.humanCheck === 'off') faults.push('humanCheck: off is for tests, refused in production');
  if (isProduction && !settings.origin.startsWith('https://') && !isLoopback(settings.origin)) {
    faults.push('origin: must be https in production');
  }
  if (settings.keys.some(({ secret }) => secret.length < 32)) faults.push('keys: each key needs at least 32 bytes');
  if (new Set(settings.keys.map(({ id }) => id)).size < settings.keys.length)
    faults.push('keys: two keys have the same id');
  const contrast = contrastWithWhite(settings.brandColour);
  if (contrast < 4.5) {
    faults.push(
      `brandColour: white text on ${settings.brandColour} has a contrast of ${contrast.toFixed(1)}; WCAG 1.4.3 asks for 4.5`,
    );
  }
  return faults;
}

export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

/** Relative luminance contrast of WCAG 2.2. */
function contrastWithWhite(hex: string): number {
  const channel = (at: number) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 1.05 / (0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05);
}
