// What an adopter's compiler sees of the package: every door, with the types that it promises.
import { createRekey, type MailSender, type Rekey, type RekeyOptions, type Visitor } from 'rekey-server';
import { type Client, createClient, type Handles } from 'rekey-server/client';
import { createTestRekey, type OddAccounts, type TestRekey } from 'rekey-server/testing';

const sender: MailSender = { send: async () => ({ result: 'deferred', detail: 'later' }), close: async () => {} };
const options: RekeyOptions = {
  settings: { origin: 'https://shop.example', smtp: '', keys: '', siteName: '', senderAddress: '', languages: ['es'] },
  sender,
};
export const rekey: Promise<Rekey> = createRekey(options);
export const visitor = async (request: Request): Promise<Visitor | undefined> => (await rekey).visitor(request);
// @ts-expect-error a setting that there is not
export const misspelt: RekeyOptions['settings'] = { ...options.settings, sitName: '' };

const handles: Handles = {};
export const client: Client = createClient({ origin: 'https://shop.example', handles });
export async function start(): Promise<string> {
  const started = await client.startRecovery({ identifier: 'lucia' });
  // @ts-expect-error a refusal has no id
  if (!started.ok) return started.id;
  return started.id;
}

export const test: Promise<TestRekey> = createTestRekey({ now: 0 });
export const odd = async (): Promise<OddAccounts> => (await test).addOddAccounts();
