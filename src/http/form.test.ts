import { describe, expect, it } from 'vitest';
import { Problem } from '../base/problem.ts';
import { maxBodyBytes, readBytes, readForm } from './form.ts';

const request = (body: BodyInit, type = 'application/x-www-form-urlencoded') =>
  new Request('https://shop.example/', { method: 'POST', body, headers: type === '' ? {} : { 'content-type': type } });

async function problemOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof Problem ? error.problem : String(error);
}

describe('a form', () => {
  it('gives the fields asked for as text, those not sent as empty', async () => {
    const read = await readForm(request('code=+12+34%C3%B1&recovery='), ['code', 'recovery', 'other']);
    expect(read).toEqual({ code: ' 12 34ñ', recovery: '', other: '' });
  });

  it('may name its character set and use capitals', async () => {
    const type = 'Application/X-WWW-Form-Urlencoded; charset=UTF-8';
    expect(await readForm(request('a=1', type), ['a'])).toEqual({ a: '1' });
  });

  it.each([
    'text/plain',
    'application/json',
    'multipart/form-data; boundary=x',
    ' ',
    'application/x-www-form-urlencoded2',
  ])('of the type "%s" is none', async (type) =>
    expect(await problemOf(readForm(request('a=1', type), ['a']))).toBe('wrong-content-type'),
  );

  it.each(['b=1', 'a=1&b', 'a=1&a=2', 'a[]=1', 'a=1&__proto__=1', '=1'])('of "%s" is refused', async (body) => {
    expect(await problemOf(readForm(request(body), ['a']))).toBe('bad-request');
  });
});

describe('a body', () => {
  it('is read up to its size and no further', async () => {
    expect(await readBytes(request('a'.repeat(maxBodyBytes)), maxBodyBytes)).toHaveLength(maxBodyBytes);
    expect(await problemOf(readBytes(request('a'.repeat(maxBodyBytes + 1)), maxBodyBytes))).toBe('body-too-large');
  });

  it("that breaks off is the client's doing, not a fault", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(8));
        controller.error(new Error('aborted'));
      },
    });
    const half = { duplex: 'half' };
    const sent = new Request('https://shop.example/', { ...half, method: 'POST', body: broken });
    expect(await problemOf(readBytes(sent, maxBodyBytes))).toBe('bad-request');
  });

  it('is counted in bytes, as it comes, whatever it says of its length', async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(1_024));
      },
    });
    const half = { duplex: 'half' };
    const sent = new Request('https://shop.example/', { ...half, method: 'POST', body: endless });
    expect(await problemOf(readBytes(sent, maxBodyBytes))).toBe('body-too-large');
    expect(pulled).toBeLessThan(20);
    expect(await problemOf(readBytes(request('ñ'.repeat(maxBodyBytes / 2 + 1)), maxBodyBytes))).toBe('body-too-large');
  });
});
