import type { Scenario } from '../scenario.ts';
import { begin, codeOf, cookieOf, reachCode } from '../walk.ts';

/** Far out in the tail: one in a hundred thousand runs or fewer, so that a fair generator passes. */
const farOut = 4.5;

/** How far a count of ones strays from half, in standard deviations. */
const strayOf = (ones: number, count: number): number => Math.abs(ones - count / 2) / (Math.sqrt(count) / 2);

export const prediction: Scenario = {
  number: 6,
  name: 'prediction',
  title: 'The next code or handle, from those before',
  cost: 'some thousand recoveries of accounts of the attacker',
  expectation:
    'no value twice, every bit and digit as often as any other, none that follows from the one before; also within one millisecond and after a restart',

  async inside(target, { expect, tell }) {
    const handles: string[] = [];
    const codes: string[] = [];
    const take = async (count: number) => {
      for (let times = 0; times < count; times += 1) {
        const browser = target.browser();
        await begin(target, browser, `nobody${times}`);
        handles.push(cookieOf(browser, 'recovery')[1]);
      }
    };
    // The clock stands still: all of these are made in one millisecond.
    await take(target.sized(24, 5_000));
    await target.restart();
    await take(target.sized(24, 5_000));
    const people = target.sized(12, 1_000);
    for (let times = 0; times < people; times += 1)
      await reachCode(
        target,
        target.browser(),
        (await target.addPerson({ address: `coded${times}@mail.example` })).address,
      );
    for (const mail of await target.mails())
      if (mail.recipients.some((each) => each.startsWith('coded'))) codes.push(codeOf(mail));

    expect(new Set(handles).size === handles.length, 'a handle came twice');
    expect(
      handles.every((handle) => handle.length >= 22),
      'a handle has fewer than 128 bits',
    );
    const bits = handles.map((handle) => Array.from(Buffer.from(handle, 'base64url')).flatMap(bitsOf));
    const width = Math.min(...bits.map(({ length }) => length));
    const strays = Array.from({ length: width }, (_, at) =>
      strayOf(sum(bits.map((each) => each[at] ?? 0)), bits.length),
    );
    const worst = Math.max(...strays);
    expect(worst < farOut, `bit ${strays.indexOf(worst)} of a handle strays by ${worst.toFixed(1)} deviations`);
    const changes = bits
      .slice(1)
      .map((each, at) => sum(each.map((bit, place) => Math.abs(bit - (bits[at]?.[place] ?? 0)))));
    const drift = strayOf(sum(changes), changes.length * width);
    expect(drift < farOut, `a handle follows from the one before: ${drift.toFixed(1)} deviations`);

    const digits = Array.from(codes.join(''));
    const expected = digits.length / 10;
    const chi = sum(
      Array.from({ length: 10 }, (_, digit) => {
        const seen = digits.filter((each) => Number(each) === digit).length;
        return (seen - expected) ** 2 / expected;
      }),
    );
    // Nine degrees of freedom: 39 is one in a hundred thousand.
    expect(chi < 39, `the digits of codes are not spread evenly: chi-square ${chi.toFixed(1)}`);
    expect(new Set(codes).size > codes.length * 0.99 - 1, 'codes come again');
    tell(
      `${handles.length} handles (worst bit ${worst.toFixed(1)} deviations, from one to the next ${drift.toFixed(1)}), ${codes.length} codes (chi-square ${chi.toFixed(1)})`,
    );
  },
};

const bitsOf = (byte: number): number[] => Array.from({ length: 8 }, (_, at) => (byte >> at) & 1);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
