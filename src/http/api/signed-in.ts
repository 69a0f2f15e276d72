// For the operations of a signed-in person: who that is, or that nobody is.
import { type Outcome, refuse } from '../../base/outcome.ts';
import type { SignedIn } from '../../own-account/own-account.ts';
import type { Refusal } from '../../refusals.ts';
import type { SignIn } from '../../sign-in/sign-in.ts';
import type { ApiCall } from './handlers.ts';

/** `session-missing` before anything is done, `signed-out` where the session ends while it is done. */
export const signedInRefusals = { 'session-missing': '', 'signed-out': '' } as const;
/** Of what asks for the password again. */
export const passwordAgain = {
  'password-missing': 'password',
  'password-wrong': 'password',
  'password-later': '',
} as const;

export async function forSignedIn<T>(
  signIn: Pick<SignIn, 'signedIn'>,
  { holder }: ApiCall<unknown>,
  act: (who: SignedIn) => Promise<Outcome<T, Refusal>>,
): Promise<Outcome<T, Refusal>> {
  const who = await signIn.signedIn(holder.handle('session') ?? '');
  return who ? act(who) : refuse('session-missing');
}
