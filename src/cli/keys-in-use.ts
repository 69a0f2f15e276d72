// Which keys the rows of a database were made with: what cannot be read or verified any more once such a key is gone.
import type { Database } from '../database/database.ts';

/** By the id of the key, what needs it, such as "12 passwords". */
export async function keysInUse(db: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const passwords = await db.read
    .selectFrom('accounts')
    .select((row) => ['password_key_id as id', row.fn.countAll<number>().as('count')])
    .where('password_key_id', 'is not', null)
    .groupBy('password_key_id')
    .execute();
  const cases = await db.read
    .selectFrom('cases')
    .select('words_sealed as text')
    .where('words_sealed', '!=', '')
    .execute();
  const apps = await db.read
    .selectFrom('authenticators')
    .select('secret_sealed as text')
    .unionAll(db.read.selectFrom('factors_set_aside').select('secret_sealed as text'))
    .execute();
  const agents = await db.read
    .selectFrom('agents')
    .select(['password_key_id as id', 'secret_sealed as sealed'])
    .where('password_key_id', 'is not', null)
    .execute();
  const events = await db.read
    .selectFrom('audit_events')
    .select((row) => [
      row
        .fn<string>('substr', [
          'mac',
          row.lit(1),
          row(row.fn<number>(db.engine === 'sqlite' ? 'instr' : 'strpos', ['mac', row.val('.')]), '-', row.lit(1)),
        ])
        .as('id'),
      row.fn.countAll<number>().as('count'),
    ])
    .groupBy('id')
    .execute();
  const found = new Map<string, string[]>();
  const note = (id: string | null, count: number, what: string) => {
    if (id !== null) found.set(id, [...(found.get(id) ?? []), `${count.toLocaleString('en')} ${what}`]);
  };
  for (const { id, count } of passwords) note(id, count, count === 1 ? 'password' : 'passwords');
  const noteSealed = (rows: readonly { readonly text: string }[], one: string, many: string) => {
    const byId = Map.groupBy(rows, ({ text }) => text.slice(0, text.indexOf('.')));
    for (const [id, { length }] of byId) note(id, length, length === 1 ? one : many);
  };
  noteSealed(cases, 'case', 'cases');
  noteSealed(apps, 'authenticator app', 'authenticator apps');
  for (const [id, { length }] of Map.groupBy(agents, (agent) => agent.id))
    note(id, length, length === 1 ? 'password of an agent' : 'passwords of agents');
  const agentApps = agents.flatMap(({ sealed }) => (sealed === null ? [] : [{ text: sealed }]));
  noteSealed(agentApps, 'authenticator app of an agent', 'authenticator apps of agents');
  for (const { id, count } of events) note(id, count, count === 1 ? 'audit event' : 'audit events');
  return found;
}
