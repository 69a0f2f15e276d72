// `rekey policy`: what the rules and settings in force mean against somebody who guesses mailed codes, in numbers and one
// plain sentence.
import { hourMs, minuteMs } from '../base/clock.ts';
import { loadSettings } from '../config/load.ts';
import { durationInWords } from '../i18n/translate.ts';
import { limits } from '../limits/limits.ts';
import { chanceOfGuessing } from '../recovery/chance.ts';

export interface PolicyOptions {
  readonly config?: string;
  readonly networks: number;
  readonly accounts: number;
  readonly json: boolean;
}

/** Shorter and longer lives of a code, to compare with: what ASVS wants, what is usual, and the longest that there is. */
const otherLives = [10, 30, 90, 1_440];

export async function showPolicy({ config, networks, accounts, json }: PolicyOptions): Promise<void> {
  const { settings } = await loadSettings({ environment: process.env, file: config, needed: ['codeLifeMinutes'] });
  const { codeLifeMinutes } = settings;
  const attacker = { networks, accounts };
  const chance = chanceOfGuessing(attacker, codeLifeMinutes);
  const others = otherLives
    .filter((minutes) => minutes !== codeLifeMinutes)
    .map((minutes) => ({ codeLifeMinutes: minutes, ...chanceOfGuessing(attacker, minutes) }));
  if (json) {
    console.log(JSON.stringify({ ...attacker, codeLifeMinutes, ...chance, others }));
    return;
  }
  const { inADay, inAYear } = chance;
  console.log(
    [
      `Somebody with ${count(networks, 'network')}, no mailbox and ${count(accounts, 'account')} to try gets into one of them or more with a chance of ${inWords(inADay)} in a day and ${inWords(inAYear.worst)} in a year.`,
      '',
      `Codes compared for one account: ${chance.triesADay} in a day, ${chance.triesInARow} in a row; ${chance.shortCodeTries} of them have 8 digits, the others 12.`,
      `Codes that these networks can try in a day: ${chance.networkTriesADay.toLocaleString('en')} (${limits['code-try'].max} in ${durationInWords('en', limits['code-try'].windowMs)} each).`,
      `In a year in which no owner recovers: ${inWords(inAYear.quiet)}. The year above is one in which every owner does so daily, and the count of wrong codes begins anew.`,
      `Not in these numbers: passwords that are guessed at the sign-in, links (128 random bits), and whoever reads the mailbox.`,
      '',
      `codeLifeMinutes is ${codeLifeMinutes}. With another life of a code, in a year:`,
      ...others.map(
        (other) =>
          `  ${String(other.codeLifeMinutes).padStart(5)}  ${inWords(other.inAYear.worst)}${other.codeLifeMinutes * minuteMs > hourMs ? ' (more codes lie in a mailbox at once)' : ''}`,
      ),
    ].join('\n'),
  );
}

const count = (value: number, what: string): string => `${value.toLocaleString('en')} ${what}${value === 1 ? '' : 's'}`;

/** "0.0015 % (1 in 66,667)". */
export function inWords(chance: number): string {
  const percent = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 }).format(100 * chance);
  return `${percent} % (1 in ${Math.max(1, Math.round(1 / chance)).toLocaleString('en')})`;
}
