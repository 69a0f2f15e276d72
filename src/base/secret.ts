// Keyed hashes, sealing and derived keys. A secret leaves the process only as what `hash` or `seal` makes of it,
// so a stolen database holds nothing that can be tried offline without the keys (which live elsewhere).
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** One derived key per use (HKDF-SHA-256), so that a hash made for one use never matches in another. */
export type KeyUse =
  | 'agent-challenge'
  | 'agent-enrolment'
  | 'agent-session'
  | 'agent-try'
  | 'attack-consent'
  | 'audit'
  | 'case-code'
  | 'case-handle'
  | 'case-try'
  | 'challenge'
  | 'check-handle'
  | 'check-token'
  | 'code'
  | 'code-hash'
  | 'device'
  | 'digits'
  | 'identifier'
  | 'key-check'
  | 'letters'
  | 'link'
  | 'mailbox'
  | 'password'
  | 'password-tries'
  | 'recovery-handle'
  | 'seal'
  | 'second-step'
  | 'session'
  | 'sign-up-handle'
  | 'sketch'
  | 'source'
  | 'spare-code';

export interface Key {
  /** Short name, stored beside what was made with it: letters, digits, `-`. */
  readonly id: string;
  /** At least 32 bytes. */
  readonly secret: Buffer;
}

export interface Keys {
  /** Id of the key that signs and hashes from now on. */
  readonly currentId: string;
  /** 32 bytes for `use`; `undefined` when no live key has that id. */
  derive(use: KeyUse, keyId?: string): Buffer | undefined;
  /** `<key id>.<base64url HMAC-SHA-256>` under the current key. Parts are length-prefixed: ("ab","c") differs from ("a","bc"). */
  hash(use: KeyUse, ...parts: readonly string[]): string;
  /** The same under every live key, current first: what to look up while keys rotate. */
  hashes(use: KeyUse, ...parts: readonly string[]): string[];
  /** Whether `hash` was made from `parts`, under any live key, in constant time. */
  matches(use: KeyUse, hash: string, ...parts: readonly string[]): boolean;
  /** AES-256-GCM: `<key id>.<base64url iv + tag + ciphertext>`. */
  seal(plain: string): string;
  /** The plain text, or `undefined` when it was changed or its key is gone. */
  open(sealed: string): string | undefined;
}

interface LiveKey {
  readonly id: string;
  readonly bytes: Buffer;
  /** Bytes would be made a key of again each time, which costs more than what is done with it. */
  readonly object: KeyObject;
}

const ivBytes = 12;
const tagBytes = 16;

/** `list`: the first signs, the others still verify. */
export function createKeys(list: readonly Key[]): Keys {
  const [current] = list;
  if (current === undefined) throw new Error('at least one key is needed');
  const found = new Map<string, LiveKey>();

  const find = (use: KeyUse, keyId: string): LiveKey | undefined => {
    const name = `${keyId}/${use}`;
    const known = found.get(name);
    if (known) return known;
    const key = list.find(({ id }) => id === keyId);
    if (!key) return undefined;
    const bytes = Buffer.from(hkdfSync('sha256', key.secret, 'rekey', use, 32));
    const made = { id: keyId, bytes, object: createSecretKey(bytes) };
    found.set(name, made);
    return made;
  };

  const keyFor = (use: KeyUse, keyId: string): LiveKey => {
    const key = find(use, keyId);
    if (!key) throw new Error('a key that is not live');
    return key;
  };

  const hashUnder = ({ id, object }: LiveKey, parts: readonly string[]): string => {
    const message = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
    return `${id}.${createHmac('sha256', object).update(message).digest('base64url')}`;
  };

  return {
    currentId: current.id,
    derive: (use, keyId = current.id) => find(use, keyId)?.bytes,
    hash: (use, ...parts) => hashUnder(keyFor(use, current.id), parts),
    hashes: (use, ...parts) => list.map(({ id }) => hashUnder(keyFor(use, id), parts)),
    matches: (use, hash, ...parts) => {
      const key = find(use, hash.slice(0, hash.indexOf('.')));
      return key !== undefined && isEqualSecret(hash, hashUnder(key, parts));
    },
    seal(plain) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', keyFor('seal', current.id).object, iv);
      const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${current.id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    open(sealed) {
      const dot = sealed.indexOf('.');
      const bytes = Buffer.from(sealed.slice(dot + 1), 'base64url');
      const key = find('seal', sealed.slice(0, dot));
      if (!key || bytes.length < ivBytes + tagBytes) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key.object, bytes.subarray(0, ivBytes));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      try {
        return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

/** Compares two secrets in a time that depends on their lengths alone. */
export function isEqualSecret(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
