// Whether memory grows under load: complete recoveries, eight at once, for as many minutes as it is told (`npm run bench load
// 60`), and the resident memory of the server and of the process that sends its mail, ten times in between. Ends with 1 where the
// second half of the time took more than a tenth above the first.
import { openRekey, root } from './recovery/contenders.ts';
import { openPlaces } from './recovery/places.ts';
import { median, residentMb } from './recovery/processes.ts';

const minutes = Number(process.argv[2] ?? 10);
const batch = 32;
/** More than there is time for. */
const people = Math.ceil(minutes * 60 * 40);

const places = await openPlaces('sqlite');
const rekey = await openRekey('rekey', root, { people, place: await places.open() });
const from = performance.now();
const endsAt = from + minutes * 60_000;
const seen: { minute: number; recoveries: number; megabytes: number }[] = [];
let recoveries = 0;
try {
  while (performance.now() < endsAt && recoveries + batch <= people) {
    await rekey.recover(recoveries, batch, 8);
    recoveries += batch;
    const minute = (performance.now() - from) / 60_000;
    if (minute < ((seen.length + 1) * minutes) / 10) continue;
    const megabytes = Math.round((await residentMb(rekey.server.pid ?? 0)).now);
    seen.push({ minute: Math.round(10 * minute) / 10, recoveries, megabytes });
    console.log(`${seen.at(-1)?.minute} min: ${recoveries} recoveries, ${megabytes} MB`);
  }
} finally {
  await rekey.close();
  await places.close();
}
const half = seen.length >> 1;
const of = (part: typeof seen) => median(part.map(({ megabytes }) => megabytes));
const [first, second] = [of(seen.slice(0, half)), of(seen.slice(half))];
console.log(`Medians of both halves: ${first} and ${second} MB`);
process.exitCode = second <= 1.1 * first ? 0 : 1;
