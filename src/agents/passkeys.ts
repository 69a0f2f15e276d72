// Passkeys of agents (WebAuthn), beside the password and in place of an authenticator app. A challenge is signed and names
// what it is for, so none is kept until it is answered; then it is spent, and answered once. The library is loaded when
// the first passkey comes: most servers have none.
import { isIP } from 'node:net';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import * as z from 'zod';
import type { Clock } from '../base/clock.ts';
import { type Random, randomToken } from '../base/random.ts';
import type { Keys } from '../base/secret.ts';
import { isLoopback, type Settings } from '../config/settings.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { Agent } from './agent-rows.ts';
import { challengeLifeMs } from './policy.ts';
import { deleteOver } from '../database/batches.ts';

/** A passkey as its agent sees it. Times in UTC epoch ms. */
export interface ListedPasskey {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** What a device made: not kept yet. */
export interface NewPasskey {
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  readonly uses: number;
}

/** What a kept passkey signed: right, and not counted yet. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly agentId: string;
  readonly uses: number;
}

export interface Passkeys {
  /** What a browser needs to make one for this agent: JSON, with a new challenge. `undefined`: none are offered. */
  creationOptions(agent: Agent): string | undefined;
  /** What a browser needs to sign in with one, whoever it is: JSON, with a new challenge. `undefined`: none are offered. */
  requestOptions(): string | undefined;
  /** Spends the challenge. `undefined`: it is not right, for whatever reason. `typed`: what the browser sent. */
  readNew(agent: Agent, typed: string): Promise<NewPasskey | undefined>;
  readAnswer(typed: string): Promise<PasskeyAnswer | undefined>;
  /** False: another agent, or this one, has it already. */
  add(tx: Transaction, agentId: string, passkey: NewPasskey): Promise<boolean>;
  /** Counts the use. False: the counter did not go on, as that of a copied passkey does not. */
  use(tx: Transaction, answer: PasskeyAnswer): Promise<boolean>;
  listOf(agentId: string): Promise<readonly ListedPasskey[]>;
  /** False: there is none with this id. */
  remove(tx: Transaction, passkey: { readonly id: string; readonly agentId: string }): Promise<boolean>;
  dropAll(tx: Transaction, agentId: string): Promise<void>;
  /** Deletes challenges that are too old to be answered again. */
  forgetChallenges(): Promise<void>;
}

export interface PasskeysNeeds {
  readonly db: Database;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Pick<Settings, 'origin' | 'siteName'>;
  readonly site: string;
}

/** What is not even read when it is longer. */
const longestTyped = 12_000;
/** EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257];

export function createPasskeys({ db, keys, clock, random, settings, site }: PasskeysNeeds): Passkeys {
  const { origin } = settings;
  const rpId = new URL(origin).hostname;

  function newChallenge(purpose: string): string {
    const nonce = randomToken(random);
    const expiresAt = String(clock.now() + challengeLifeMs);
    const mac = keys.hash('agent-challenge', site, purpose, nonce, expiresAt);
    return Buffer.from(`${nonce}.${expiresAt}.${mac}`).toString('base64url');
  }

  /** Whether it is one of ours for this purpose, in time, and not answered before: of sixteen at once one is true. */
  async function spendChallenge(challenge: string, purpose: string): Promise<boolean> {
    const [nonce = '', expiresAt = '', ...mac] = Buffer.from(challenge, 'base64url').toString().split('.');
    if (!keys.matches('agent-challenge', mac.join('.'), site, purpose, nonce, expiresAt)) return false;
    if (Number(expiresAt) <= clock.now()) return false;
    const spent = await db.write((tx) =>
      tx
        .insertInto('agent_challenges')
        .values({ nonce, site, expires_at: Number(expiresAt) })
        .onConflict((conflict) => conflict.doNothing())
        .returning('nonce')
        .executeTakeFirst(),
    );
    return spent !== undefined;
  }

  const purposeOf = ({ id }: Agent) => `new/${id}`;
  const signInPurpose = 'sign-in';
  const expected = { expectedOrigin: origin, expectedRPID: rpId, requireUserVerification: false };

  // Browsers know passkeys by the name of a host, over https or on this computer.
  const areOffered = isIP(rpId.replace(/^\[|\]$/g, '')) === 0 && (origin.startsWith('https://') || isLoopback(origin));
  const offer = (options: object) => (areOffered ? JSON.stringify(options) : undefined);

  return {
    creationOptions: (agent) =>
      offer({
        rp: { id: rpId, name: settings.siteName },
        user: { id: agent.id, name: agent.name, displayName: agent.name },
        challenge: newChallenge(purposeOf(agent)),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        timeout: challengeLifeMs,
        attestation: 'none',
        // Found without the name of the agent: a list of allowed ones would tell who has some.
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'preferred' },
      }),

    requestOptions: () =>
      offer({
        challenge: newChallenge(signInPurpose),
        rpId,
        timeout: challengeLifeMs,
        userVerification: 'preferred',
      }),

    async readNew(agent, typed) {
      const response = readJson(registration, typed);
      if (!response) return undefined;
      const challenge = challengeIn(response.response.clientDataJSON);
      if (challenge === undefined || !(await spendChallenge(challenge, purposeOf(agent)))) return undefined;
      return rightOrNothing(async () => {
        if (!(await isUnattested(response.response.attestationObject))) return undefined;
        const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
        const { verified: isRight, registrationInfo } = await verifyRegistrationResponse({
          ...expected,
          response,
          expectedChallenge: challenge,
          supportedAlgorithmIDs: algorithms,
        });
        if (!isRight) return undefined;
        const { id, publicKey, counter } = registrationInfo.credential;
        return { credentialId: id, publicKey: Buffer.from(publicKey).toString('base64url'), uses: counter };
      });
    },

    async readAnswer(typed) {
      const response = readJson(authentication, typed);
      if (!response) return undefined;
      const challenge = challengeIn(response.response.clientDataJSON);
      if (challenge === undefined || !(await spendChallenge(challenge, signInPurpose))) return undefined;
      const row = await db.read
        .selectFrom('agent_passkeys')
        .selectAll()
        .where('site', '=', site)
        .where('credential_id', '=', response.id)
        .executeTakeFirst();
      if (!row) return undefined;
      return rightOrNothing(async () => {
        const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
        const { verified: isRight, authenticationInfo } = await verifyAuthenticationResponse({
          ...expected,
          response,
          expectedChallenge: challenge,
          credential: {
            id: row.credential_id,
            publicKey: new Uint8Array(Buffer.from(row.public_key, 'base64url')),
            counter: row.uses,
          },
        });
        return isRight ? { id: row.id, agentId: row.agent_id, uses: authenticationInfo.newCounter } : undefined;
      });
    },

    async add(tx, agentId, { credentialId, publicKey, uses }) {
      const added = await tx
        .insertInto('agent_passkeys')
        .values({
          id: randomToken(random),
          site,
          agent_id: agentId,
          credential_id: credentialId,
          public_key: publicKey,
          uses,
          created_at: clock.now(),
          last_used_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst();
      return added !== undefined;
    },

    async use(tx, { id, agentId, uses }) {
      const used = await tx
        .updateTable('agent_passkeys')
        .set({ uses, last_used_at: clock.now() })
        .where('id', '=', id)
        .where('agent_id', '=', agentId)
        // Many passkeys do not count and say 0 for ever; their challenge is what works once.
        .where((row) => row.or([row('uses', '<', uses), row.and([row('uses', '=', 0), row(row.val(uses), '=', 0)])]))
        .returning('id')
        .executeTakeFirst();
      return used !== undefined;
    },

    async listOf(agentId) {
      const rows = await db.read
        .selectFrom('agent_passkeys')
        .select(['id', 'created_at as createdAt', 'last_used_at as lastUsedAt'])
        .where('agent_id', '=', agentId)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows;
    },

    async remove(tx, { id, agentId }) {
      const removed = await tx
        .deleteFrom('agent_passkeys')
        .where('id', '=', id)
        .where('agent_id', '=', agentId)
        .returning('id')
        .executeTakeFirst();
      return removed !== undefined;
    },

    async dropAll(tx, agentId) {
      await tx.deleteFrom('agent_passkeys').where('agent_id', '=', agentId).execute();
    },

    async forgetChallenges() {
      const now = clock.now();
      await deleteOver(db, 'agent_challenges', (row) => row('expires_at', '<=', now));
    },
  };
}

const text = z.string().max(longestTyped);
const envelope = { id: text, rawId: text, type: z.literal('public-key'), clientExtensionResults: z.object({}) };
const registration = z.object({
  ...envelope,
  response: z.object({ clientDataJSON: text, attestationObject: text }),
}) satisfies z.ZodType<RegistrationResponseJSON>;
const authentication = z.object({
  ...envelope,
  response: z.object({ clientDataJSON: text, authenticatorData: text, signature: text }),
}) satisfies z.ZodType<AuthenticationResponseJSON>;

/** What was signed holds the challenge in clear. */
const signed = z.object({ challenge: text });
const challengeIn = (clientData: string): string | undefined =>
  readJson(signed, Buffer.from(clientData, 'base64url').toString())?.challenge;

function readJson<T>(shape: z.ZodType<T>, typed: string): T | undefined {
  if (typed.length > longestTyped) return undefined;
  try {
    return shape.safeParse(JSON.parse(typed)).data;
  } catch {
    return undefined;
  }
}

/** The library throws for whatever is not as it should be: all of it came from the browser. */
async function rightOrNothing<T>(verify: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await verify();
  } catch {
    return undefined;
  }
}

/**
 * Nobody is asked what made the device, so nothing may say it: to check such a statement, the library would ask the address
 * that its certificates name.
 */
async function isUnattested(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject, isoBase64URL } = await import('@simplewebauthn/server/helpers');
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const fmt = decoded.get('fmt');
  return fmt === 'none' || (fmt === 'packed' && decoded.get('attStmt').get('x5c') === undefined);
}
