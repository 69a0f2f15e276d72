// The same walk where a site mounts it: below a base path, and over https.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestApp } from '../../src/testing/app.ts';
import { linksIn } from '../../src/testing/mailbox.ts';
import { askForCode, choosePassword, codeOf, enterCode, newPassword } from './steps.ts';

describe('below a base path', () => {
  it('the whole walk and both links of the mail stay there, and the styles are found', async () => {
    const app = await createTestApp({ settings: { basePath: '/account-help' } });
    try {
      const person = await app.addPerson();
      const browser = app.browser();
      await browser.open('/account-help/sign-in');
      for (const [, asset = ''] of browser.page.html.matchAll(/(?:href|src)="([^"]*\/assets\/[^"]+)"/g)) {
        const served = await browser.send(asset);
        expect([asset, served.status]).toEqual([asset, 200]);
        expect(served.headers.get('cache-control')).toContain('immutable');
      }
      await browser.follow('Forgot your password?');
      await browser.press('Continue', { 'Email or user ID': person.address });
      await askForCode(browser);
      const mail = await app.mailTo(person.address);
      for (const link of linksIn(mail)) {
        expect(link).toMatch(new RegExp(`^${app.origin}/account-help/recover/(link|stop)/`));
        expect((await app.browser().open(new URL(link).pathname)).status).toBe(200);
      }
      await enterCode(browser, codeOf(mail));
      await choosePassword(browser);
      await browser.follow('Sign in');
      await browser.press('Sign in', { Password: newPassword });
      expect(browser.page.text).toContain(`Signed in as ${person.userId}`);
      expect((await browser.send('/recover')).status).toBe(404);
      expect(app.faults).toEqual([]);
    } finally {
      await app.close();
    }
  });
});

describe('over https', () => {
  it('every cookie is __Host-, Secure, HttpOnly and Lax, and a GET sets none of a recovery', async () => {
    const app = await createTestApp({
      settings: {
        origin: 'https://shop.example',
        mode: 'production',
        humanCheck: 'on',
        keys: `live:${randomBytes(32).toString('base64')}`,
      },
    });
    try {
      const ask = (path: string) => app.app.server.fetch(new Request(`https://shop.example${path}`));
      for (const path of ['/recover', '/recover?lang=es', '/sign-up', '/recover/case', '/recover/code', '/sign-in']) {
        const response = await ask(path);
        for (const cookie of response.headers.getSetCookie()) {
          expect(cookie).toMatch(/^__Host-account-(check|lang)=[^;]+; /);
          for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(attribute);
          expect(cookie).not.toContain('Domain');
        }
        expect(response.headers.get('strict-transport-security')).toContain('max-age=');
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(response.headers.get('referrer-policy')).toBe('no-referrer');
      }
    } finally {
      await app.close();
    }
  });
});
