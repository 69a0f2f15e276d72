// The slides of people who agreed to have them recorded: one file a sitting, written by record.ts, with nothing in it that
// names anybody. They alone say how often a hand is taken for a script; no made-up drag is ever counted among them.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { humanCheckOperations } from '../../src/http/api/human-checks.ts';
import type { Drag } from '../../src/human-check/slider.ts';

/** What moved the pointer: the person says so, as a browser knows no more than mouse, touch and pen. */
export const devices = ['mouse', 'touchpad', 'finger', 'pen', 'trackball', 'other'] as const;
export type Device = (typeof devices)[number];

/** Of the words that are agreed to: another one with every change of them. */
export const consentVersion = 1;

const sittingShape = z.strictObject({
  synthetic: z.literal(false),
  consent: z.strictObject({ version: z.int(), language: z.enum(['en', 'es']), on: z.iso.date() }),
  device: z.enum(devices),
  slides: z.array(
    z.strictObject({
      travelPx: z.int(),
      drag: humanCheckOperations.answerHumanCheck.request.shape.drag.unwrap(),
    }),
  ),
});
export type Sitting = z.infer<typeof sittingShape>;

export const tracesFolder = new URL('traces/', import.meta.url);
const fileOf = (name: string, folder: URL) => new URL(`${name}.json`, folder);

export async function keepSitting(name: string, sitting: Sitting, folder = tracesFolder): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(name, folder), `${JSON.stringify(sitting)}\n`);
}

export const deleteSitting = (name: string, folder = tracesFolder): Promise<void> =>
  rm(fileOf(name, folder), { force: true });

/** Every slide that was recorded; a file that holds anything else is a fault. */
export async function readSlides(folder = tracesFolder): Promise<{ device: Device; travelPx: number; drag: Drag }[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json'));
  const sittings = await Promise.all(
    files.map(async (name) => sittingShape.parse(JSON.parse(await readFile(new URL(name, folder), 'utf8')))),
  );
  return sittings.flatMap(({ device, slides }) => slides.map((slide) => ({ device, ...slide })));
}
