import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { translator } from '../../src/i18n/translate.ts';
import type { MailBrand } from '../../src/mail/layout.ts';
import { recoveryCodeMessage } from '../../src/mail/messages/recovery-code.ts';
import { createSmtpSender, type MailSender } from '../../src/mail/smtp.ts';
import { codeIn, linksIn, type Mailbox, startMailbox } from '../../src/testing/mailbox.ts';
import { mailboxPages } from './mailbox.ts';

const brand: MailBrand = {
  siteName: 'The <b>shop',
  colour: '#1d4ed8',
  cornerRadiusPx: 10,
  origin: 'https://shop.example',
};

let mailbox: Mailbox;
let sender: MailSender;
beforeEach(async () => {
  mailbox = await startMailbox();
  sender = createSmtpSender({ url: mailbox.url });
});
afterEach(async () => {
  await sender.close();
  await mailbox.close();
});

async function receive(language: 'en' | 'es' = 'en') {
  const facts = {
    code: '48219037',
    codeLifeMs: 1_800_000,
    linkLifeMs: 86_400_000,
    continueUrl: 'https://shop.example/recover/link/abc',
    stopUrl: 'https://shop.example/recover/stop/def',
  };
  await sender.send({
    from: { name: 'The <b>shop', address: 'help@shop.example' },
    to: { address: 'maria@example.com' },
    message: recoveryCodeMessage(facts, translator(language), brand),
    messageId: 'abc@shop.example',
    language,
    writtenAt: Date.now(),
  });
  return mailbox.waitFor(({ recipients }) => recipients.includes('maria@example.com'));
}

const get = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await mailboxPages({ mailbox, path: '' }).request(path, { headers });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

it('gives tests the code and the links of a mail', async () => {
  const mail = await receive();
  expect(codeIn(mail)).toBe('48219037');
  expect(linksIn(mail)).toEqual(['https://shop.example/recover/link/abc', 'https://shop.example/recover/stop/def']);
});

it('keeps its mails in a folder over a restart, each where it was filed', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mailbox-'));
  await mailbox.close();
  mailbox = await startMailbox({ dir });
  mailbox.fileNewUnder('spam');
  sender = createSmtpSender({ url: mailbox.url });
  const mail = await receive('es');
  await sender.close();
  await mailbox.close();
  mailbox = await startMailbox({ dir });
  expect(mailbox.messages()).toEqual([mail]);
  await rm(dir, { recursive: true });
});

it('waits for a mail that is yet to come', async () => {
  const waiting = mailbox.waitFor(({ recipients }) => recipients.includes('maria@example.com'));
  await receive();
  expect((await waiting).recipients).toEqual(['maria@example.com']);
});

it('says what it has when the mail does not come', async () => {
  await receive();
  await expect(mailbox.waitFor(() => false, 1)).rejects.toThrow('here are 1:\n  maria@example.com: Your verification');
});

it('lists a mail where it was filed, and the switch changes where the next goes', async () => {
  const pages = mailboxPages({ mailbox, path: '' });
  const press = (folder: string) =>
    pages.request('http://localhost/folder-for-new-mail', {
      method: 'POST',
      headers: { Origin: 'http://localhost', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: `folder=${folder}&back=inbox`,
    });
  expect((await press('spam')).status).toBe(303);
  await receive();
  expect((await get('/')).text).not.toContain('Your verification code');
  expect((await get('/')).text).toContain('aria-checked="true"');
  expect((await get('/?folder=spam')).text).toContain('Your verification code');
  await press('inbox');
  await receive();
  expect((await get('/')).text).toContain('Your verification code');
});

it('lets no other site press the switch', async () => {
  const answer = await mailboxPages({ mailbox, path: '' }).request('/folder-for-new-mail', {
    method: 'POST',
    headers: { Origin: 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'folder=spam',
  });
  expect(answer.status).toBe(403);
  expect(mailbox.newMailFolder()).toBe('inbox');
});

it('finds a mail by words of its subject, whatever their case and accents', async () => {
  await receive('es');
  expect((await get('/?q=CODIGO')).text).toContain('Tu código de verificación');
  expect((await get('/?q=factura')).text).not.toContain('Tu código de verificación');
});

it('shows a mail as HTML in a sandbox, as text and as it came, and what it says stays words', async () => {
  const { id } = await receive();
  expect((await get(`/${id}`)).text).toMatch(/<iframe[^>]*sandbox="(?![^"]*scripts)/);
  const body = await get(`/${id}/body`);
  expect(body.headers.get('Content-Security-Policy')).toMatch(/^sandbox (?!.*scripts).*default-src 'none'/);
  expect(body.text).toContain('<base target="_blank">');
  expect((await get(`/${id}?view=text`)).text).toContain('@shop.example #48219037');
  expect((await get(`/${id}?view=source`)).text).toContain('Auto-Submitted: auto-generated');
  for (const view of ['html', 'text', 'source'])
    expect((await get(`/${id}?view=${view}`)).text).not.toContain('<b>shop');
});

it('speaks the language that was asked for, then the chosen one, then that of the browser', async () => {
  expect((await get('/', { 'Accept-Language': 'es-MX,en;q=0.5' })).text).toContain('Recibidos');
  expect((await get('/', { 'Accept-Language': 'es', Cookie: 'account-lang=en' })).text).toContain('Inbox');
  const chosen = await get('/?lang=es', { Cookie: 'account-lang=en' });
  expect(chosen.text).toContain('Recibidos');
  expect(chosen.headers.get('Set-Cookie')).toContain('account-lang=es');
});

it('says so when a mail is not there', async () => {
  const { status, text } = await get('/no-such-mail');
  expect(status).toBe(404);
  expect(text).toContain('This mail is not here');
});
