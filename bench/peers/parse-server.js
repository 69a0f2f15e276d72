// Parse Server on Express and PostgreSQL, as its docs set it up, with its own pages and hash; its mail is taken by the
// adapter that it asks for. It counts no requests where it is not told to.
import { createRequire } from 'node:module';
import express from 'express';
import { ParseServer } from 'parse-server';
import { addressOf, countCalls, keepAliveMs, keepMail, obey, oldPassword } from './child.js';

// It warns of each option whose default will change, and says which requests it refused.
process.stdout.write = () => true;

const { origin, database } = JSON.parse(process.argv[2]);
// The driver that it brings along.
const above = createRequire(import.meta.resolve('parse-server'));
const driver = createRequire(above.resolve('pg-promise'))('pg');
const count = countCalls(driver.Client.prototype, 'query');

const serverURL = `${origin}/parse`;
const server = new ParseServer({
  appId: 'bench',
  appName: 'bench',
  masterKey: 'a key of the measurement',
  databaseURI: database,
  serverURL,
  publicServerURL: serverURL,
  logLevel: 'error',
  silent: true,
  logsFolder: null,
  emailAdapter: {
    sendPasswordResetEmail: async ({ link, user }) => keepMail(user.get('email'), link),
    sendVerificationEmail: async () => {},
    sendMail: async () => {},
  },
});
await server.start();
const app = express();
app.use('/parse', server.app);

/** Through its own door, where each is hashed: four at once, as many as it hashes at once. */
async function people(many) {
  const headers = { 'content-type': 'application/json', 'x-parse-application-id': 'bench' };
  let next = 0;
  const some = async () => {
    while (next < many) {
      const email = addressOf(next);
      next += 1;
      const body = JSON.stringify({ username: email, email, password: oldPassword });
      const made = await fetch(`${serverURL}/users`, { method: 'POST', headers, body });
      if (!made.ok) throw new Error(await made.text());
      await made.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 4 }, some));
}

const listening = app.listen(Number(new URL(origin).port), '127.0.0.1', () =>
  obey({ people, statements: () => count.calls }),
);
listening.keepAliveTimeout = keepAliveMs;
