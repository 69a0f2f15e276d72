// A device that holds one passkey, as a browser would speak for it, and that can be told to lie.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** How often it says that it was used. */
  readonly uses?: number;
  /** Whether somebody was there: not, where it is 0. */
  readonly flags?: number;
  readonly credentialId?: string;
  readonly type?: string;
  /** Of the attestation. */
  readonly fmt?: string;
}

export interface PasskeyDevice {
  readonly credentialId: string;
  /** What a browser sends for creation options. */
  make(options: string, lies?: Lies): string;
  /** What it sends for request options. */
  answer(options: string, lies?: Lies): string;
}

const base64url = (bytes: Buffer) => bytes.toString('base64url');
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();

/** CBOR, of what is needed here. */
const head = (kind: number, length: number) =>
  length < 24
    ? Buffer.from([(kind << 5) | length])
    : length < 256
      ? Buffer.from([(kind << 5) | 24, length])
      : Buffer.from([(kind << 5) | 25, length >> 8, length & 255]);
const bytesOf = (bytes: Buffer) => Buffer.concat([head(2, bytes.length), bytes]);
const textOf = (text: string) => Buffer.concat([head(3, Buffer.byteLength(text)), Buffer.from(text)]);
const numberOf = (number: number) => (number < 0 ? head(1, -1 - number) : head(0, number));
const mapOf = (...pairs: readonly (readonly [Buffer, Buffer])[]) =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

export function createPasskeyDevice({
  origin: realOrigin,
  counts = true,
}: {
  origin: string;
  counts?: boolean;
}): PasskeyDevice {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const own = base64url(randomBytes(16));
  let used = 0;

  const clientData = (type: string, options: string, { challenge, origin = realOrigin }: Lies) => {
    const asked: { challenge: string } = JSON.parse(options);
    return Buffer.from(JSON.stringify({ type, challenge: challenge ?? asked.challenge, origin, crossOrigin: false }));
  };

  const authenticatorData = ({ rpId = new URL(realOrigin).hostname, uses, flags = 1 }: Lies, attested?: Buffer) => {
    used += counts ? 1 : 0;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(uses ?? used);
    return Buffer.concat([
      sha256(rpId),
      Buffer.from([flags | (attested ? 0x40 : 0)]),
      count,
      attested ?? Buffer.alloc(0),
    ]);
  };

  const wrap = (id: string, response: object) =>
    JSON.stringify({ id, rawId: id, type: 'public-key', clientExtensionResults: {}, response });

  return {
    credentialId: own,
    make(options, lies = {}) {
      const id = Buffer.from(lies.credentialId ?? own, 'base64url');
      const cose = mapOf(
        [numberOf(1), numberOf(2)],
        [numberOf(3), numberOf(-7)],
        [numberOf(-1), numberOf(1)],
        [numberOf(-2), bytesOf(Buffer.from(x, 'base64url'))],
        [numberOf(-3), bytesOf(Buffer.from(y, 'base64url'))],
      );
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose]);
      const attestationObject = mapOf(
        [textOf('fmt'), textOf(lies.fmt ?? 'none')],
        [textOf('attStmt'), lies.fmt === undefined ? mapOf() : mapOf([textOf('x5c'), head(4, 0)])],
        [textOf('authData'), bytesOf(authenticatorData(lies, attested))],
      );
      return wrap(base64url(id), {
        clientDataJSON: base64url(clientData(lies.type ?? 'webauthn.create', options, lies)),
        attestationObject: base64url(attestationObject),
        transports: ['internal'],
      });
    },
    answer(options, lies = {}) {
      const client = clientData(lies.type ?? 'webauthn.get', options, lies);
      const data = authenticatorData(lies);
      return wrap(lies.credentialId ?? own, {
        clientDataJSON: base64url(client),
        authenticatorData: base64url(data),
        signature: base64url(sign('sha256', Buffer.concat([data, sha256(client)]), privateKey)),
        userHandle: '',
      });
    },
  };
}

/** What a page tells the browser to make or to ask a passkey. */
export function passkeyOptionsOn({ html }: { readonly html: string }): string {
  const options = /data-passkey="([^"]+)"/.exec(html)?.[1];
  if (options === undefined) throw new Error('no passkey is offered');
  return options.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
