// What a person types to say who they are, and the keys it is matched by. Matching is exact: only A-Z are folded, a
// domain becomes its A-label, and no Unicode folding or NFKC takes place, so no look-alike ever becomes a twin.
import { domainToASCII, domainToUnicode } from 'node:url';
import { accept, type Outcome, refuse } from '../base/outcome.ts';

export interface Identifier {
  readonly kind: 'email' | 'user-id';
  /** As typed, without outer white space. Shown back to the person; never where mail goes (D8). */
  readonly typed: string;
  /** What it is looked up by. */
  readonly key: string;
}

const addressMaxBytes = 254;
const localPartMaxBytes = 64;
const userIdMaxLength = 64;

/** With `@` only an email, without it only a user ID. The answer depends on the text alone, never on an account. */
export function readIdentifier(text: string): Outcome<Identifier, 'identifier-missing' | 'identifier-shape'> {
  const typed = text.trim();
  if (typed === '') return refuse('identifier-missing');
  if (typed.includes('@')) {
    const key = addressKey(typed);
    return key === undefined ? refuse('identifier-shape') : accept({ kind: 'email', typed, key });
  }
  return isUserIdShape(typed) ? accept({ kind: 'user-id', typed, key: userIdKey(typed) }) : refuse('identifier-shape');
}

/** An address at sign-up. `address` keeps the local part as typed: some mail servers tell its cases apart. */
export function readAddress(text: string): Outcome<{ address: string; key: string }, 'address-shape'> {
  const address = text.trim();
  const key = addressKey(address);
  return key === undefined ? refuse('address-shape') : accept({ address, key });
}

/** A user ID at sign-up: 3 to 32 letters (of any script), digits, `.`, `_`, `-`. */
export function readUserId(text: string): Outcome<{ userId: string; key: string }, 'user-id-shape'> {
  const typed = text.trim();
  const isPlain = /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{2,31}$/u.test(typed);
  // Compatibility forms (full-width letters, ligatures, the Kelvin sign) pass for another person's user ID.
  if (!isPlain || nfcMakesAscii.test(typed) || typed.normalize('NFKC') !== typed.normalize('NFC')) {
    return refuse('user-id-shape');
  }
  const userId = typed.normalize('NFC');
  return accept({ userId, key: userIdKey(userId) });
}

/** The key of an address, or `undefined` where it has no shape that we send mail to. */
export function addressKey(address: string): string | undefined {
  if (Buffer.byteLength(address) > addressMaxBytes) return undefined;
  const [local = '', domain = '', ...rest] = address.split('@');
  if (rest.length > 0) return undefined;
  const domainKey = readDomain(domain);
  return isLocalPart(local) && domainKey !== undefined ? `${foldAscii(local)}@${domainKey}` : undefined;
}

/** The key of a user ID. */
export const userIdKey = (userId: string): string =>
  foldAscii(nfcMakesAscii.test(userId) ? userId : userId.normalize('NFC'));

/** Only A-Z: `toLowerCase` would make `k` of the Kelvin sign. */
export const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The only three characters of which NFC itself makes ASCII: `;`, a backtick and `K`. */
const nfcMakesAscii = /[\u037e\u1fef\u212a]/;

/** A dot-atom (RFC 5321, RFC 6531) without `%`, `!` and `|`, by which old mail servers route on; no quotes, no comments. */
const isLocalPart = (local: string): boolean =>
  Buffer.byteLength(local) <= localPartMaxBytes &&
  /^[\w#$&'*+/=?^{}~\p{L}\p{M}\p{N}-]+(?:\.[\w#$&'*+/=?^{}~\p{L}\p{M}\p{N}-]+)*$/u.test(local);

/** Any user ID that a directory may hold, but none with controls, spaces, list separators or a disguised `@`. */
const isUserIdShape = (text: string): boolean =>
  text.length <= userIdMaxLength && !/[\p{C}\p{Z},;|<>"@\ufe6b\uff20]/u.test(text);

/** The domain as lower-case A-labels, or `undefined` where it is none or only becomes one by folding. */
function readDomain(domain: string): string | undefined {
  const key = domainToASCII(domain);
  const isHost = key.length <= 253 && /^(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!\d+$)(?!-)[a-z0-9-]{2,63}(?<!-)$/.test(key);
  if (!isHost) return undefined;
  // IDNA maps `ﬁ` to `fi` and a full-width `1` to `1`, and drops a soft hyphen: such a domain is a twin of another.
  const isAscii = /^[\x21-\x7e]+$/.test(domain);
  const isItself = isAscii ? foldAscii(domain) === key : !hasTwin(domain) && fold(domain) === domainToUnicode(key);
  return isItself ? key : undefined;
}

/** Safe here alone: `hasTwin` has refused what folds to ASCII. */
const fold = (domain: string): string => domain.toLowerCase().normalize('NFC');

/** Whether any folding makes ASCII of a character that is none. */
const hasTwin = (text: string): boolean =>
  Array.from(text).some(
    (character) => character > '\x7f' && /[\0-\x7f]/.test(character.toLowerCase() + character.normalize('NFKC')),
  );
