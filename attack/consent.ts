// Whether a target may be attacked: on loopback always; elsewhere only a deployment that shows a consent made with its own
// keys, and for as long as that lives.
import { dayMs } from '../src/base/clock.ts';
import { Problem } from '../src/base/problem.ts';

const wellKnown = '/.well-known/rekey-attack-consent';

export interface Consent {
  /** UTC epoch ms; `undefined` on loopback. */
  readonly expiresAt: number | undefined;
}

/** Throws, with what to do, for a target that has not agreed. */
export async function askConsent({
  url,
  token,
  now,
}: {
  url: string;
  token: string | undefined;
  now: number;
}): Promise<Consent> {
  const { protocol, hostname, origin, pathname } = readUrl(url);
  if (!['http:', 'https:'].includes(protocol)) throw refusal(`${url} is no http or https address.`);
  if (hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname))
    return { expiresAt: undefined };
  if (token === undefined) throw refusal(`${origin} is not on this machine, and no consent was given. ${whatToDo}`);
  const answer = await fetch(new URL(`${pathname.replace(/\/$/, '')}${wellKnown}`, origin), {
    headers: { authorization: `Bearer ${token}` },
    // A consent is shown there, or nowhere.
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
  }).catch((fault: unknown) => {
    throw refusal(`${origin} cannot be reached: ${fault instanceof Error ? fault.message : String(fault)}.`);
  });
  const shown: unknown = answer.status === 200 ? await answer.json().catch(() => undefined) : undefined;
  const { consent, origin: of, expiresAt } = readShown(shown);
  const left = expiresAt - now;
  if (consent !== token || of !== origin || !(left > 0) || left > dayMs + clockSkewMs)
    throw refusal(`${origin} does not show this consent, or it is over. ${whatToDo}`);
  return { expiresAt };
}

const clockSkewMs = 600_000;
const whatToDo =
  'Make one where its keys are, with rekey attack consent --config FILE, and give it with --consent within a day. Attack nothing that is not yours.';

const refusal = (words: string) => new Problem('attack-refused', words);

function readUrl(url: string): URL {
  if (!URL.canParse(url)) throw refusal(`${url} is no address. It begins with http:// or https://.`);
  return new URL(url);
}

function readShown(shown: unknown): { consent: string; origin: string; expiresAt: number } {
  const fields = new Map(typeof shown === 'object' && shown !== null ? Object.entries(shown) : []);
  return {
    consent: String(fields.get('consent') ?? ''),
    origin: String(fields.get('origin') ?? ''),
    expiresAt: Number(fields.get('expiresAt') ?? Number.NaN),
  };
}
