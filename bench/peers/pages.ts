// The reset pages of the peers that ship some, open to a browser.
import { join } from 'node:path';
import { peersFolder } from '../recovery/contenders.ts';
import { openPlaces } from '../recovery/places.ts';
import { start, tell } from '../recovery/processes.ts';
import { findFreePort } from '../../test/free-port.ts';
import { addressOf } from '../recovery/server.ts';

export interface PeerPages {
  readonly pages: readonly { readonly name: string; readonly url: string }[];
  close(): Promise<void>;
}

export async function openPages(): Promise<PeerPages> {
  const places = await openPlaces('postgres');
  const place = await places.open();
  const open = async (script: string) => {
    const origin = `http://127.0.0.1:${await findFreePort()}`;
    const task = JSON.stringify({ origin, database: place.address, hash: 'own' });
    const server = await start(join(peersFolder, script), [task], 'server', peersFolder);
    await tell(server, 'people', 1);
    return { origin, server };
  };
  const parse = await open('parse-server.js');
  const openAuth = await open('openauth.js');
  // The page of the new password is behind a link that was mailed.
  await fetch(`${parse.origin}/parse/requestPasswordReset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-parse-application-id': 'bench' },
    body: JSON.stringify({ email: addressOf(0) }),
  });
  const link = Object.values(Object(await tell(parse.server, 'mails'))).map(String)[0] ?? '';
  return {
    pages: [
      { name: 'OpenAuth: who you are', url: `${openAuth.origin}/password/change` },
      { name: 'Parse Server: new password', url: link },
    ],
    async close() {
      for (const { server } of [parse, openAuth]) await tell(server, 'stop');
      await place.remove();
      await places.close();
    },
  };
}
