// The whole walk, as a person takes it: from "Forgot your password?" to being signed in again to the same account.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import { codeIn } from '../../src/testing/mailbox.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

it('takes Mark from a forgotten password back into his account', async () => {
  const mark = await app.addPerson({ userId: 'mark45', address: 'mark@mail.example' });
  const browser = app.browser('en');

  await browser.open('/sign-in');
  await browser.follow('Forgot your password?');
  expect(browser.page.heading).toBe('Get back into your account');
  await browser.press('Continue', { 'Email or user ID': 'mark@mail.example' });

  expect(browser.page.heading).toBe('How do you want to get back in?');
  await browser.press('Verify now', {}, 'Email verification (Recommended)');

  expect(browser.page.heading).toBe('Type the code from the email');
  expect(browser.page.text).toContain('Not in your inbox? Look in spam or junk.');
  const mail = await app.mailTo(mark.address);
  expect(mail.subject).toBe('Your verification code for Corner Shop');
  await browser.press('Confirm', { 'Verification code': ` ${codeIn(mail)}\n` });

  expect(browser.page.text).toContain('Hard for others to guess, easy for you to remember.');
  const password = 'seven green umbrellas';
  await browser.press('Continue', { 'New password': password, 'Confirm the new password': password });

  expect(browser.page.heading).toBe('Your password has been changed.');
  expect(browser.page.text).toContain('The new password is set for the user ID mark45.');
  await browser.follow('Sign in');
  expect(browser.page.valueOf('Email or user ID')).toBe('mark@mail.example');
  await browser.press('Sign in', { Password: password });
  expect(browser.page.text).toContain('Signed in as mark45');
});

it('lleva a Lucía de la contraseña olvidada de vuelta a su cuenta', async () => {
  const lucia = await app.addPerson({ userId: 'lucia34', address: 'lucia@mail.example', locale: 'es' });
  const browser = app.browser('es');

  await browser.open('/sign-in');
  await browser.follow('¿Has olvidado la contraseña?');
  expect(browser.page.heading).toBe('Vuelve a entrar en tu cuenta');
  await browser.press('Continuar', { 'Email o ID de usuario': 'lucia34' });

  expect(browser.page.heading).toBe('¿Cómo quieres volver a entrar?');
  await browser.press('Verificar ahora', {}, 'Verificación de email (Recomendado)');

  expect(browser.page.heading).toBe('Escribe el código del correo');
  expect(browser.page.text).toContain('¿No está en tu bandeja de entrada? Mira en spam o correo no deseado.');
  const mail = await app.mailTo(lucia.address);
  expect(mail.subject).toBe('Tu código de verificación para Corner Shop');
  await browser.press('Confirmar', { 'Código de verificación': ` ${codeIn(mail)}\n` });

  expect(browser.page.text).toContain('Difícil de adivinar para otros, fácil de recordar para ti.');
  const password = 'siete paraguas verdes';
  await browser.press('Continuar', { 'Nueva contraseña': password, 'Confirma la nueva contraseña': password });

  expect(browser.page.heading).toBe('Tu contraseña se ha cambiado.');
  expect(browser.page.text).toContain('La contraseña nueva es la del ID de usuario lucia34.');
  await browser.follow('Iniciar sesión');
  expect(browser.page.valueOf('Email o ID de usuario')).toBe('lucia34');
  await browser.press('Iniciar sesión', { Contraseña: password });
  expect(browser.page.text).toContain('Signed in as lucia34');
});
