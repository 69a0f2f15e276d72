// Whatever a client can send gets a clear answer: a small run of what `npm run bench fuzz` does at length.
import { expect, it } from 'vitest';
import { routes } from '../../src/http/routes.ts';
import { createTestApp } from '../../src/testing/app.ts';
import { fuzz } from '../fuzz.ts';

it('every route answers whatever it is sent, and the log holds nothing that was handed out', {
  timeout: 120_000,
}, async () => {
  const app = await createTestApp({ createSite: () => async () => undefined });
  try {
    const { sent, statuses, reached, secrets, leaked } = await fuzz(app, { requests: 800, seed: 20_261_129 });
    expect(sent).toBeGreaterThanOrEqual(800);
    // It gets somewhere: most routes, and past their doors.
    expect(reached.size).toBeGreaterThan(0.8 * Object.keys(routes).length);
    expect(Object.fromEntries(statuses)).toMatchObject({ 200: expect.any(Number), 303: expect.any(Number) });
    expect(leaked).toEqual([]);
    expect(secrets).toBeGreaterThan(20);
  } finally {
    await app.close();
  }
});
