// What somebody tries who knows the code of this site: each test names what is refused.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('a path that somebody else wrote', () => {
  it('does not turn the language links into links to another site', async () => {
    const response = await app.app.server.fetch(new Request(`${app.origin}//evil.example/x?a=1`));
    const html = await response.text();
    expect(response.status).toBe(404);
    expect(html).toContain('href="?a=1&amp;lang=es"');
    expect(html).not.toContain('evil.example');
  });
});
