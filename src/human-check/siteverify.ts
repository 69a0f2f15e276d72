// The providers that speak `siteverify`: one POST with our secret and the browser's token. They differ in where they are,
// in what they repeat of what their widget was told, and in whether they give a score; that is the table below. The
// visitor's address is not sent.
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { type Clock, minuteMs, secondMs } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { isTestSecret } from '../config/rules.ts';
import type { ProviderName } from '../config/settings.ts';
import type { Level } from './ladder.ts';
import { actionOf, type HumanCheckProvider, type Shown, type Verified } from './provider.ts';

interface Service {
  readonly verifyUrl: string;
  script(siteKey: string): string;
  readonly sources: HumanCheckProvider['sources'];
  readonly tokenMaxLength: number;
  readonly tokenLifeMs: number;
  /** What its answer repeats, and must repeat rightly, beside the host. */
  readonly repeats: readonly ('action' | 'cdata')[];
  /** The level for a score from 0 to 1; without it every pass is one of level 2. */
  levelOf?(score: number): Level | undefined;
  /** Fields beside the secret and the token. */
  more?(given: { readonly siteKey: string; readonly retryId: string }): Readonly<Record<string, string>>;
}

const recaptcha = {
  verifyUrl: 'https://www.google.com/recaptcha/api/siteverify',
  sources: {
    'script-src': ['https://www.google.com/recaptcha/', 'https://www.gstatic.com/recaptcha/'],
    'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
    'connect-src': ['https://www.google.com/recaptcha/'],
  },
  tokenMaxLength: 8_192,
  tokenLifeMs: 2 * minuteMs,
} as const;

const hcaptchaHosts = ['https://hcaptcha.com', 'https://*.hcaptcha.com'];

const services: Readonly<Record<ProviderName, Service>> = {
  turnstile: {
    verifyUrl: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
    script: () => 'https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit',
    sources: {
      'script-src': ['https://challenges.cloudflare.com'],
      'frame-src': ['https://challenges.cloudflare.com'],
    },
    tokenMaxLength: 2_048,
    tokenLifeMs: 5 * minuteMs,
    repeats: ['action', 'cdata'],
    more: ({ retryId }) => ({ idempotency_key: retryId }),
  },
  hcaptcha: {
    verifyUrl: 'https://api.hcaptcha.com/siteverify',
    script: () => 'https://js.hcaptcha.com/1/api.js?render=explicit',
    sources: {
      'script-src': hcaptchaHosts,
      'frame-src': hcaptchaHosts,
      'style-src': hcaptchaHosts,
      'connect-src': hcaptchaHosts,
    },
    tokenMaxLength: 8_192,
    tokenLifeMs: 2 * minuteMs,
    repeats: [],
    more: ({ siteKey }) => ({ sitekey: siteKey }),
  },
  'recaptcha-v2': {
    ...recaptcha,
    script: () => 'https://www.google.com/recaptcha/api.js?render=explicit',
    repeats: [],
  },
  'recaptcha-v3': {
    ...recaptcha,
    script: (siteKey) => `https://www.google.com/recaptcha/api.js?${new URLSearchParams({ render: siteKey })}`,
    repeats: ['action'],
    levelOf: (score) => (score >= 0.7 ? 2 : score >= 0.5 ? 1 : score >= 0.3 ? 0 : undefined),
  },
};

const answerSchema = z.object({
  success: z.boolean(),
  'error-codes': z.array(z.string().max(100)).max(20).nullish(),
  challenge_ts: z.string().nullish(),
  hostname: z.string().nullish(),
  action: z.string().nullish(),
  cdata: z.string().nullish(),
  score: z.number().min(0).max(1).nullish(),
});

type Answer = z.output<typeof answerSchema>;

/** The token was good, and is too old or was used. */
const lateCodes: ReadonlySet<string> = new Set([
  'timeout-or-duplicate',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
]);
/** The provider's trouble, or a wrong set-up of ours: what no token can bring about. */
const troubleCodes: ReadonlySet<string> = new Set([
  'internal-error',
  'missing-input-secret',
  'invalid-input-secret',
  'invalid-keys',
]);

const levelOfPass: Level = 2;
const answerMaxBytes = 16_384;
/** As the clocks of two companies may differ. */
const clockSkewMs = minuteMs;
/** Asked at once; a flood of made-up tokens would open a connection each. */
const mostAtOnce = 100;

export interface SiteverifyNeeds {
  readonly name: ProviderName;
  readonly siteKey: string;
  readonly secret: string;
  /** Of our origin: a token that was earned elsewhere is not for us. */
  readonly hostname: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a stand-in for the provider listens, such as `http://127.0.0.1:4000`. */
  readonly standIn?: string;
  /** For all of one question. */
  readonly timeoutMs?: number;
}

export function createSiteverify({
  name,
  siteKey,
  secret,
  hostname,
  clock,
  log,
  standIn,
  timeoutMs = 3 * secondMs,
}: SiteverifyNeeds): HumanCheckProvider {
  const service = standIn === undefined ? services[name] : movedTo(services[name], standIn);
  // Its answers repeat nothing of ours, and settings refuse it in production.
  const isTest = isTestSecret(secret);
  let asked = 0;
  let isDown = false;

  /** Told once when it begins and once when it ends, as an outage meets every visitor. */
  const note = (verified: Verified): Verified => {
    const isNews = isDown !== (verified.result === 'unavailable');
    isDown = verified.result === 'unavailable';
    const facts = { provider: name, reasons: verified.reasons };
    if (isNews && isDown) log.warn(facts, 'the provider of the human check does not answer as it should');
    else if (isNews) log.info(facts, 'the provider of the human check answers again');
    return verified;
  };

  const ask = async (token: string, { nonce }: Shown): Promise<Answer | string> => {
    if (asked >= mostAtOnce) return 'busy';
    asked += 1;
    try {
      const retryId = asUuid(createHmac('sha256', secret).update(`${nonce} ${token}`).digest());
      const fields = { secret, response: token, ...service.more?.({ siteKey, retryId }) };
      return await post(service.verifyUrl, fields, timeoutMs);
    } finally {
      asked -= 1;
    }
  };

  const judge = (answer: Answer, { purpose, nonce }: Shown): Verified => {
    const codes = answer['error-codes'] ?? [];
    if (!answer.success) {
      if (codes.some((code) => troubleCodes.has(code))) return { result: 'unavailable', reasons: codes };
      return { result: codes.some((code) => lateCodes.has(code)) ? 'late' : 'refused', reasons: codes };
    }
    const age = clock.now() - Date.parse(answer.challenge_ts ?? '');
    if (Number.isNaN(age) || age < -clockSkewMs) return { result: 'refused', reasons: ['challenge-ts'] };
    if (age > service.tokenLifeMs + clockSkewMs) return { result: 'late', reasons: ['challenge-ts'] };
    const expected = { hostname, action: actionOf(purpose), cdata: nonce };
    const wrong = (['hostname', ...service.repeats] as const).filter((field) => answer[field] !== expected[field]);
    if (wrong.length > 0 && !isTest) return { result: 'refused', reasons: wrong };
    if (!service.levelOf) return { result: 'passed', level: levelOfPass, reasons: [] };
    const reasons = [`score-${answer.score ?? 'none'}`];
    const level = service.levelOf(answer.score ?? 0);
    return level === undefined ? { result: 'refused', reasons } : { result: 'passed', level, reasons };
  };

  return {
    name,
    siteKey,
    script: service.script(siteKey),
    sources: service.sources,
    async verify(token, shown) {
      if (token === '' || token.length > service.tokenMaxLength)
        return { result: 'refused', reasons: ['token-length'] };
      const answer = await ask(token, shown);
      return note(typeof answer === 'string' ? { result: 'unavailable', reasons: [answer] } : judge(answer, shown));
    },
  };
}

/** What was answered, or why nothing was that counts. */
async function post(
  url: string,
  fields: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Answer | string> {
  try {
    const { status, body } = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(fields),
      // Our secret is for this address alone.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = body && (await readText(body));
    if (status >= 500) return `status-${status}`;
    const read = answerSchema.safeParse(JSON.parse(text ?? ''));
    return read.success ? read.data : 'malformed';
  } catch (error) {
    if (error instanceof SyntaxError) return 'malformed';
    return error instanceof Error && error.name === 'TimeoutError' ? 'time-out' : 'unreachable';
  }
}

/** Nothing of a body that is longer than any answer. */
async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    sizeBytes += part.value.length;
    if (sizeBytes > answerMaxBytes) {
      await reader.cancel();
      return '';
    }
  }
  return Buffer.concat(parts).toString();
}

/** Random bytes in the form of RFC 9562, version 4. */
function asUuid(bytes: Buffer): string {
  const id = Buffer.from(bytes.subarray(0, 16));
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x40;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The same service at another place: every host of it becomes that one. */
function movedTo(service: Service, standIn: string): Service {
  const moved = (url: string) => `${standIn}${new URL(url).pathname}`;
  return {
    ...service,
    verifyUrl: moved(service.verifyUrl),
    script: (siteKey) => `${moved(service.script(siteKey))}${new URL(service.script(siteKey)).search}`,
    sources: Object.fromEntries(Object.keys(service.sources).map((directive) => [directive, [standIn]])),
  };
}
