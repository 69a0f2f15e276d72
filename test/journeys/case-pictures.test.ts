// Pictures that the person of a case sends, where the operator takes them: made anew before an agent sees them, and nothing else
// than an image.
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../src/i18n/en.ts';
import { es } from '../../src/i18n/es.ts';
import { limits } from '../../src/limits/limits.ts';
import { createClient, type Handles } from '../../src/client/client.ts';
import { createTestApp, type TestApp } from '../../src/testing/app.ts';
import type { Browser } from '../../src/testing/browser.ts';
import { casePath, type DeskAgents, enrolDesk, followCase, type KeptCase, openCase, signInAt } from './steps.ts';

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
};

/** A grey PNG of this size: a few bytes, however many pixels. */
function png(width: number, height: number, more: readonly Buffer[] = []): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    ...more,
    chunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height, 0))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const sendTo = async (browser: Browser, kept: KeptCase, file: Uint8Array, name = 'picture.png', field = 'picture') => {
  const form = new FormData();
  form.set(field, new File([new Uint8Array(file)], name, { type: 'image/png' }));
  const answer = await browser.send(`${casePath(kept)}/picture`, { method: 'POST', body: form });
  return { status: answer.status, text: await answer.text(), at: answer.headers.get('location') };
};

it('are switched off where nothing is said', async () => {
  const app = await createTestApp();
  const browser = app.browser();
  const kept = await openCase(browser, 'stuck@mail.example');
  await followCase(browser, kept);
  expect(browser.page.text).not.toContain(en['picture.label']);
  expect((await sendTo(browser, kept, png(2, 2))).status).toBe(404);
  expect(app.faults).toEqual([]);
  await app.close();
});

describe('where they are taken', () => {
  let app: TestApp;
  let agents: DeskAgents;
  let browser: Browser;
  let kept: KeptCase;
  beforeAll(async () => {
    app = await createTestApp({ settings: { casePictureKb: 200 } });
    agents = await enrolDesk(app);
    browser = app.browser();
    kept = await openCase(browser, 'stuck@mail.example');
    await followCase(browser, kept);
  });
  afterAll(async () => {
    expect(app.faults).toEqual([]);
    await app.close();
  });

  it('one is made anew, kept sealed, and shown to agents alone, as an image and nothing else', async () => {
    expect(browser.page.text).toContain(en['picture.hint'].replace('{size}', '200 kB'));
    expect((await browser.open(`${casePath(kept)}?lang=es`)).text).toContain(es['picture.send']);
    await browser.open(`${casePath(kept)}?lang=en`);
    const said = chunk('tEXt', Buffer.from('Comment\0<script>alert(1)</script>', 'latin1'));
    const polyglot = Buffer.concat([png(300, 200, [said]), Buffer.from('<script>alert(2)</script>')]);
    const sent = await sendTo(browser, kept, polyglot, '../../<b>x</b>.html');
    expect([sent.status, sent.at]).toEqual([303, expect.stringContaining('pictured')]);
    await browser.open(casePath(kept));
    expect(browser.page.text).toContain('A picture from you, just now');
    const row = await app.db.read.selectFrom('case_pictures').selectAll().executeTakeFirstOrThrow();
    expect(row.picture_sealed).not.toContain(Buffer.from('script').toString('base64'));

    const desk = await signInAt(app, agents.ada);
    const atDesk = `/support/cases/${kept.number.replaceAll(' ', '')}`;
    await desk.open(atDesk);
    const path = `${atDesk}/pictures/${row.id}`;
    expect(desk.page.html).toContain(`<img src="${path}"`);
    // Where it came in the conversation, not after all words.
    app.clock.advance(1_000);
    await browser.press('Send to support', { 'Something to add?': 'After the picture.' });
    const read = (await desk.open(atDesk)).html;
    expect(read.indexOf('After the picture.')).toBeGreaterThan(read.indexOf(`<img src="${path}"`));
    const shown = await desk.send(path);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': 'inline; filename="picture.jpg"',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const bytes = Buffer.from(await shown.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    expect(bytes.toString('latin1')).not.toContain('script');
    // Of another case, of nobody, and for who is no agent.
    expect((await desk.send(`/support/cases/ACDEFGHJK/pictures/${row.id}`)).status).toBe(404);
    expect((await desk.send(`${atDesk}/pictures/none`)).status).toBe(404);
    expect((await browser.send(path)).status).toBe(303);
    const events = await app.db.read
      .selectFrom('audit_events')
      .select('event')
      .where('event', 'like', 'case.picture%')
      .execute();
    expect(events.map(({ event }) => event)).toEqual(['case.picture_added', 'case.picture_viewed']);
  });

  it('one of a phone is turned the right way up, and says no more where it was taken', async () => {
    const own = await openCase(browser, 'phone@mail.example');
    await followCase(browser, own);
    const plain = sharp({ create: { width: 400, height: 300, channels: 3, background: '#336699' } });
    const place = { IFD0: { Copyright: 'Lucia' }, IFD3: { GPSLatitude: '40/1 25/1 0/1' } };
    const sideways = await plain.withExif(place).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect((await sharp(sideways).metadata()).exif).toBeDefined();
    expect((await sendTo(browser, own, sideways, 'IMG_1.JPG')).status).toBe(303);
    const desk = await signInAt(app, agents.ada);
    const atDesk = `/support/cases/${own.number.replaceAll(' ', '')}`;
    const [, path = ''] = /<img src="([^"]+)"/.exec((await desk.open(atDesk)).html) ?? [];
    const shown = Buffer.from(await (await desk.send(path)).arrayBuffer());
    const { width, height, exif, orientation } = await sharp(shown).metadata();
    expect([width, height, exif, orientation]).toEqual([300, 400, undefined, undefined]);
  });

  it('come by API, too: in Base64, by the handle of the case, with the same refusals', async () => {
    const own = await openCase(browser, 'program@mail.example');
    const handles: Handles = {};
    const client = createClient({ origin: app.origin, handles });
    const send = (file: Uint8Array) => client.sendCasePicture({ picture: Buffer.from(file).toString('base64') });
    expect(await send(png(2, 2))).toMatchObject({ ok: false, reason: 'case-missing' });
    // Before it is read: it would be too large.
    expect(await send(Buffer.alloc(2 * 1_024 * 1_024, 1))).toMatchObject({ ok: false, reason: 'case-missing' });
    const followed = await client.followCase({ number: own.number, code: own.code });
    expect(followed).toMatchObject({ ok: true, pictures: { maxBytes: 200 * 1_024, sentAgoMs: [] } });
    expect(await send(png(3, 2))).toMatchObject({ ok: true, pictures: { sentAgoMs: [0] } });
    const { picture_sealed } = await app.db.read
      .selectFrom('case_pictures')
      .innerJoin('cases', 'cases.id', 'case_pictures.case_id')
      .select('picture_sealed')
      .where('cases.number', '=', own.number.replaceAll(' ', ''))
      .executeTakeFirstOrThrow();
    const kept = Buffer.from(app.keys.open(picture_sealed) ?? '', 'base64');
    const { width, height, format } = await sharp(kept).metadata();
    expect([width, height, format]).toEqual([3, 2, 'jpeg']);
    const refused = async (file: Uint8Array) => {
      const sent = await send(file);
      return sent.ok ? undefined : [sent.reason, sent.field];
    };
    expect(await refused(new Uint8Array())).toEqual(['picture-missing', 'picture']);
    expect(await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toEqual([
      'picture-kind',
      'picture',
    ]);
    expect(await refused(Buffer.alloc(201 * 1_024, 1))).toEqual(['picture-large', 'picture']);
    // So long that it is not read to its end.
    expect(await refused(Buffer.alloc(2 * 1_024 * 1_024, 1))).toEqual(['picture-large', 'picture']);
    expect(await refused(png(12_000, 12_000))).toEqual(['picture-pixels', 'picture']);
    const letters = await client.sendCasePicture({ picture: 'not Base64 at all: ñ' });
    expect(letters).toMatchObject({ ok: false, reason: 'picture-kind' });
  });

  it('are read one at a time: of sixteen at once most are told to come again, and lose none of their tries', async () => {
    const crowd = app.browser();
    const own = await openCase(crowd, 'crowd@mail.example');
    const takenBefore = (await app.db.read.selectFrom('case_pictures').select('case_id').distinct().execute()).length;
    const row = await app.app.cases.byNumber(own.number.replaceAll(' ', ''));
    if (!row) throw new Error('there is no such case');
    // Of cases that are not there, so that nothing is kept.
    const all = await Promise.allSettled(
      Array.from({ length: 16 }, (_, at) =>
        app.app.cases.addPicture({ ...row, id: `${row.id}${at}` }, { bytes: png(2_000, 2_000), source: 'source' }),
      ),
    );
    const busy = all.filter((each) => each.status === 'rejected');
    expect(busy.length).toBeGreaterThanOrEqual(8);
    for (const each of busy) expect(each.reason).toMatchObject({ problem: 'busy', retryAfterMs: expect.any(Number) });
    const counters = app.db.read.selectFrom('counters').select('key').where('key', 'like', 'case-picture/%');
    expect(await counters.where('count', '>', 0).execute()).toHaveLength(all.length - busy.length + takenBefore);
  });

  it('nothing else is: too large, no picture, damaged, a bomb, or too many; each with a sentence', async () => {
    const other = app.browser();
    const own = await openCase(other, 'other@mail.example');
    const refused = async (file: Uint8Array, name?: string) => {
      const { status, text } = await sendTo(other, own, file, name);
      return [
        status,
        Object.entries(en).find(
          ([key, words]) => key.startsWith('refusal.picture') && text.includes(words.replaceAll("'", '&#39;')),
        )?.[0],
      ];
    };
    expect(await refused(Buffer.alloc(20 * 1_024 * 1_024, 1))).toEqual([413, 'refusal.picture-large']);
    expect(await refused(Buffer.alloc(201 * 1_024, 1))).toEqual([413, 'refusal.picture-large']);
    expect(await refused(Buffer.alloc(0))).toEqual([422, 'refusal.picture-missing']);
    expect(await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'x.png')).toEqual([
      422,
      'refusal.picture-kind',
    ]);
    const bomb = png(12_000, 12_000);
    expect(bomb.length).toBeLessThan(200 * 1_024);
    expect(await refused(bomb)).toEqual([422, 'refusal.picture-pixels']);
    expect(await refused(png(300, 300).subarray(0, 90))).toEqual([422, 'refusal.picture-kind']);
    expect((await sendTo(other, own, png(2, 2), 'x.png', 'something')).status).toBe(400);
    const plain = await other.post(`${casePath(own)}/picture`, { picture: 'x' });
    expect(plain.status).toBe(415);
    const foreign = { method: 'POST', body: new FormData(), headers: { 'sec-fetch-site': 'cross-site' } };
    expect((await other.send(`${casePath(own)}/picture`, foreign)).status).toBe(403);
    const statuses: number[] = [];
    for (let times = 0; times < limits['case-picture'].max; times += 1)
      statuses.push((await sendTo(other, own, png(2, 2))).status);
    expect(statuses).toEqual([303, 303, 429, 429, 429]);
    expect(await app.db.read.selectFrom('case_pictures').select('id').execute()).toHaveLength(5);
  });
});
