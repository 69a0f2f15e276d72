// The work that a human check asks for: the price of a pass, paid by the page or by a program.

export interface Work {
  readonly nonce: string;
  readonly prefix: string;
  readonly upTo: number;
  readonly iterations: number;
}

const batch = 16;

/** Tries the counters in order, a few at a time, so that a page stays quick. The derivation found, in hex. */
export async function solveWork({ nonce, prefix, upTo, iterations }: Work): Promise<string | undefined> {
  const text = new TextEncoder().encode(nonce);
  const key = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveBits']);
  const derive = async (counter: number) => {
    const salt = Uint8Array.of(counter >> 24, counter >> 16, counter >> 8, counter);
    const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256);
    return Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  for (let counter = 0; counter < upTo; counter += batch) {
    const tried = await Promise.all(Array.from({ length: batch }, (_, more) => derive(counter + more)));
    const found = tried.find((hex) => hex.startsWith(prefix));
    if (found) return found;
  }
  return undefined;
}
