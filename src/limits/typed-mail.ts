// What a typed address may receive (D8): few mails, out of a budget that recovery mail has no part in. Weighed when the mail
// is made, unseen by whoever typed the address.
import type { Limits } from './limits.ts';

/** Takes one of the address's mails and one of the site's; false: it is not to go out. `mailbox`: keyed hash of the address. */
export const takeTypedMail = async (limits: Limits, { mailbox, site }: { mailbox: string; site: string }) =>
  (await limits.take('mail-typed', mailbox)).ok && (await limits.take('mail-typed-site', site)).ok;
