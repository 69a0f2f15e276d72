// The code of an agent's authenticator app as typed: spaces and dashes are forgiven, and there are no spare codes. Whoever
// loses the app asks the operator for a new link.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { readSecondCode } from '../proofs/totp.ts';

/** What is no code is refused before a try is spent. */
export function readAgentCode(typed: string): Outcome<{ code: string }, 'agent-code-shape'> {
  const read = readSecondCode(typed);
  return read.ok && read.code.kind === 'app' ? accept({ code: read.code.code }) : refuse('agent-code-shape');
}
