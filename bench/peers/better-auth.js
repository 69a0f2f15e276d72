// Better Auth on Node's own HTTP, as its docs set it up: email and password, the email OTP plugin, its migrations. Its
// limits are off; SQLite commits as lightly as WAL allows (`synchronous = NORMAL`), which is to its advantage.
import { createServer } from 'node:http';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { emailOTP } from 'better-auth/plugins';
import { Client, Pool } from 'pg';
import { addressOf, countCalls, keepAliveMs, keepMail, obey, oldPassword } from './child.js';

const { origin, database, hash: whose } = JSON.parse(process.argv[2]);
const isSqlite = database.startsWith('sqlite:');

function openSqlite() {
  const opened = new DatabaseSync(database.slice('sqlite:'.length));
  opened.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return opened;
}
const db = isSqlite ? openSqlite() : new Pool({ connectionString: database, max: 10 });
const count = { calls: 0 };
if (isSqlite) {
  for (const name of ['run', 'all', 'get', 'iterate']) countCalls(StatementSync.prototype, name, count);
} else countCalls(Client.prototype, 'query', count);

/** The same as ours. */
const argon2 = { algorithm: Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const ourHash = {
  hash: (password) => hash(password, argon2),
  verify: ({ hash: stored, password }) => verify(stored, password),
};

const options = {
  baseURL: origin,
  secret: 'a secret of the measurement, long enough for it',
  database: db,
  trustedOrigins: [origin],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  emailAndPassword: {
    enabled: true,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: async ({ user, url }) => keepMail(user.email, url),
    ...(whose === 'ours' && { password: ourHash }),
  },
  plugins: [emailOTP({ sendVerificationOTP: async ({ email, otp }) => keepMail(email, otp) })],
};
const auth = betterAuth(options);
await (await getMigrations(options)).runMigrations();
const handle = toNodeHandler(auth);
const server = createServer({ keepAliveTimeout: keepAliveMs }, (request, answer) => void handle(request, answer));
server.listen(Number(new URL(origin).port), '127.0.0.1', () =>
  obey({
    async people(many) {
      const context = await auth.$context;
      const password = await context.password.hash(oldPassword);
      for (let at = 0; at < many; at += 1) {
        const email = addressOf(at);
        const user = await context.internalAdapter.createUser({ email, name: email, emailVerified: true });
        const account = { userId: user.id, providerId: 'credential', accountId: user.id, password };
        await context.internalAdapter.linkAccount(account);
      }
    },
    statements: () => count.calls,
  }),
);
