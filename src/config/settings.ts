// One table of settings: name, default, bounds, whether it is a secret, what it is for. Everything that an operator may
// choose is here; where one answer is right there is no setting. read-settings.ts judges them, load.ts brings them in.
import * as z from 'zod';

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
  database: z
    .string()
    .min(1)
    .default('sqlite:rekey.db')
    .describe('sqlite:FILE or postgres://... A secret when it holds a password.')
    .meta({ isSecret: true }),
  databaseConnections: z
    .number()
    .int()
    .min(2)
    .max(100)
    .default(10)
    .describe('How many connections to PostgreSQL one process has at most.'),
  databaseStatementSeconds: z
    .number()
    .int()
    .min(1)
    .max(300)
    .default(10)
    .describe('How long one statement may run on PostgreSQL.'),
  databaseLockSeconds: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe('How long one statement waits on PostgreSQL for what another transaction holds.'),
  valkey: z
    .string()
    .regex(/^(valkey|redis)s?:\/\//, 'an address like valkey://user:password@host:6379/0')
    .optional()
    .describe('A Valkey or Redis server that counts what bounds no guess. A secret when it holds a password.')
    .meta({ isSecret: true }),
  smtp: z
    .string()
    .regex(/^smtps?:\/\//, 'an address like smtps://user:password@mail.example')
    .describe('The mail server. A secret when it holds a password.')
    .meta({ isSecret: true }),
  keys: keyList
    .describe('The keys of all keyed hashes: id:base64, separated by commas; the first signs. A secret.')
    .meta({ isSecret: true }),
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
  preset: z
    .enum(['standard', 'asvs'])
    .default('standard')
    .describe('asvs: where nothing else is set, mailed codes and links live 10 minutes (ASVS 5.0 6.5.5).'),
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
  auditDays: z
    .number()
    .int()
    .min(180)
    .max(3_650)
    .default(365)
    .describe(
      'How long an event of the audit trail is kept. Export older ones before they go, where a rule wants them for longer.',
    ),
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
    .describe('Within how many hours support promises an answer.'),
  casePictureKb: z
    .number()
    .int()
    .min(0)
    .max(10_240)
    .default(0)
    .describe('How large a picture may be that is sent with a case, in kB; 0: none is taken.'),
  releaseHoldHours: z
    .number()
    .int()
    .min(72)
    .max(240)
    .default(72)
    .describe('How long an approved release of an account is held, while whoever has it can stop it.'),
  releaseShortHoldHours: z
    .number()
    .int()
    .min(24)
    .max(240)
    .default(24)
    .describe('The same where another address of the account confirmed it.'),
  trustedProxies: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('How many proxies of yours stand in front and set X-Forwarded-For.'),
  humanCheck: z
    .enum(['on', 'off', 'full'])
    .default('on')
    .describe(
      'Full: everyone who meets it has the hardest, as in an attack. Off for a test of everything else: the limits hold without it.',
    ),
  alwaysLetters: z.boolean().default(false).describe('A test switch: letters after every slide.'),
  humanCheckProvider: z
    .enum(['built-in', 'turnstile', 'hcaptcha', 'recaptcha-v2', 'recaptcha-v3'])
    .default('built-in')
    .describe("Whose check stands where the slide would be. Any other than our own is another company's."),
  humanCheckSiteKey: z
    .string()
    .regex(/^[\w-]{10,100}$/, 'letters, digits, - and _, as the provider shows it')
    .optional()
    .describe('What the provider knows the site by; it stands in the page.'),
  humanCheckSecret: z
    .string()
    .regex(/^[\w-]{10,100}$/, 'letters, digits, - and _, as the provider shows it')
    .optional()
    .describe('What the provider knows our server by. A secret.')
    .meta({ isSecret: true }),
  humanCheckOutage: z
    .enum(['built-in', 'deny'])
    .default('built-in')
    .describe('Whether the slide steps in where the provider cannot be reached. Letters and the wait always do.'),
});

/** What each preset has in the place of a default. What was set counts before it. */
export const presets: Readonly<Record<z.output<typeof settingsSchema>['preset'], Partial<SettingsInput>>> = {
  standard: {},
  asvs: { codeLifeMinutes: 10, linkLifeMinutes: 10 },
};

export type Settings = z.output<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;
export type SettingName = keyof Settings;
/** Another company whose check can stand in the place of the slide. */
export type ProviderName = Exclude<Settings['humanCheckProvider'], 'built-in'>;

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settingsSchema.shape, name);

export const settingNames: readonly SettingName[] = Object.keys(settingsSchema.shape).filter(isSettingName);

/** `passwordMinLength` -> `REKEY_PASSWORD_MIN_LENGTH` */
export const variableOf = (name: SettingName): string =>
  `REKEY_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** Whether its value may be read from a file of its own, and is never shown. */
export const isSecret = (name: SettingName): boolean => settingsSchema.shape[name].meta()?.isSecret === true;

export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
