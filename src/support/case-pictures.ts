// Pictures that the person of a case sends with it, where the operator takes them. They are for the desk: the person is not shown
// them again, and nobody ever gets the file that was sent.
import { accept, type Outcome, refuse } from '../base/outcome.ts';
import { randomToken } from '../base/random.ts';
import type { Refusal } from '../refusals.ts';
import type { CaseContactsNeeds } from './case-contact.ts';
import { type CaseRow, touchCase } from './case-rows.ts';
import type { ReadPicture } from './pictures.ts';
import { dueFrom } from './policy.ts';

export interface CasePicture {
  readonly id: string;
  /** UTC epoch ms. */
  readonly addedAt: number;
}

export interface CasePictures {
  readonly takesPictures: boolean;
  addPicture(
    of: CaseRow,
    picture: { readonly bytes: Uint8Array; readonly source: string },
  ): Promise<Outcome<unknown, Refusal>>;
  /** The oldest first. */
  picturesOf(of: CaseRow): Promise<readonly CasePicture[]>;
  /** One of this case, as a JPEG. */
  findPicture(of: CaseRow, id: string): Promise<Uint8Array | undefined>;
}

export function createCasePictures({
  db,
  keys,
  clock,
  random,
  audit,
  limits,
  readPicture,
  settings,
  site,
}: CaseContactsNeeds & { readonly readPicture: ReadPicture | undefined }): CasePictures {
  return {
    takesPictures: readPicture !== undefined,

    async addPicture(of, { bytes, source }) {
      if (!readPicture || of.emptied_at !== null || of.ended_at !== null) return refuse('case-state');
      // Counted before it is read: reading costs.
      const counted = ['case-picture', keys.hash('case-try', of.id)] as const;
      const within = await limits.take(...counted);
      if (!within.ok) return within;
      const read = await readPicture(bytes).catch(async (fault: unknown) => {
        await limits.giveBack(...counted);
        throw fault;
      });
      if (!read.ok) return read;
      const sealed = keys.seal(Buffer.from(read.jpeg).toString('base64'));
      return db.write(async (tx) => {
        const touched = await touchCase(tx, of.id, {
          author: 'person',
          at: clock.now(),
          dueAt: dueFrom(clock.now(), settings),
        });
        if (!touched || touched.ended_at !== null) return refuse('case-state');
        const picture = { id: randomToken(random), site, case_id: of.id, added_at: clock.now() };
        await tx
          .insertInto('case_pictures')
          .values({ ...picture, picture_sealed: sealed })
          .execute();
        await audit.append(tx, { event: 'case.picture_added', subjectId: of.id, source });
        return accept();
      });
    },

    async picturesOf({ id }) {
      const rows = await db.read
        .selectFrom('case_pictures')
        .select(['id', 'added_at as addedAt'])
        .where('case_id', '=', id)
        .orderBy('added_at')
        .orderBy('id')
        .execute();
      return rows;
    },

    async findPicture(of, id) {
      const row = await db.read
        .selectFrom('case_pictures')
        .select('picture_sealed')
        .where('id', '=', id)
        .where('case_id', '=', of.id)
        .executeTakeFirst();
      const opened = row && keys.open(row.picture_sealed);
      return opened === undefined ? undefined : new Uint8Array(Buffer.from(opened, 'base64'));
    },
  };
}
