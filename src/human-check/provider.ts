// Port: a check by another company, in place of the slide. What it says of a token becomes a verdict like any other; the
// letters and the wait stay ours. Adapters: siteverify.ts; what each promises is in siteverify.test.ts.
import type { Purpose } from './challenge.ts';
import type { Level } from './ladder.ts';

export interface HumanCheckProvider {
  readonly name: string;
  readonly siteKey: string;
  /** The script that a page loads for it: an absolute URL. */
  readonly script: string;
  /** What a page lets in for it, beside ourselves: origins and paths by directive of the content security policy. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
  /**
   * Asks the provider about a token. Never throws for what the provider does, and ends in time. It does not remember: that
   * a token counts once is for whoever keeps the verdict.
   */
  verify(token: string, shown: Shown): Promise<Verified>;
}

/** Under what its widget was shown. */
export interface Shown {
  readonly purpose: Purpose;
  /** Of the challenge, and so of one browser and one purpose. */
  readonly nonce: string;
}

/** `late`: the token was good once. `unavailable`: the provider said nothing that counts. Reasons are for the operator. */
export type Verified =
  | { readonly result: 'passed'; readonly level: Level; readonly reasons: readonly string[] }
  | { readonly result: 'refused' | 'late' | 'unavailable'; readonly reasons: readonly string[] };

/** What a widget is told that it is for. Not every provider takes a hyphen. */
export const actionOf = (purpose: Purpose): string => purpose.replace('-', '_');
