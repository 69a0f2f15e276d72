// OpenAuth's password provider with the pages that it brings along, on Node: its codes are handed to a callback, and its
// accounts are in the memory that its docs begin with, so that it waits for no disk.
import { serve } from '@hono/node-server';
import { issuer } from '@openauthjs/openauth';
import { PasswordProvider, ScryptHasher } from '@openauthjs/openauth/provider/password';
import { MemoryStorage } from '@openauthjs/openauth/storage/memory';
import { createSubjects } from '@openauthjs/openauth/subject';
import { PasswordUI } from '@openauthjs/openauth/ui/password';
import { addressOf, keepAliveMs, keepMail, obey, oldPassword } from './child.js';

const { origin } = JSON.parse(process.argv[2]);
// It writes a line for each request.
console.log = () => {};

const storage = MemoryStorage();
const app = issuer({
  subjects: createSubjects({}),
  storage,
  providers: {
    password: PasswordProvider(PasswordUI({ sendCode: async (address, code) => keepMail(address, code) })),
  },
  success: async () => new Response(),
});
const serverOptions = { keepAliveTimeout: keepAliveMs };
serve({ fetch: app.fetch, port: Number(new URL(origin).port), hostname: '127.0.0.1', serverOptions }, () =>
  obey({
    async people(many) {
      const password = await ScryptHasher().hash(oldPassword);
      for (let at = 0; at < many; at += 1) await storage.set(['email', addressOf(at), 'password'], password);
    },
    statements: () => undefined,
  }),
);
