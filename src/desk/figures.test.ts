import { describe, expect, it } from 'vitest';
import { dayMs, hourMs, minuteMs } from '../base/clock.ts';
import { type Counted, firstDayOf, figuresInCsv, figuresOf, stepMs } from './figures.ts';

const now = Date.parse('2026-11-29T16:00:00Z');
const today = Math.floor(now / dayMs);
const nothing: Counted = {
  opened: [],
  answered: [],
  decided: [],
  answerSteps: [],
  decisionSteps: [],
  answeredInTime: 0,
  reopened: 0,
  reversed: 0,
  overdue: 0,
  agents: [],
};
const step = (ms: number) => ms / stepMs;

describe('the figures of the desk', () => {
  it('begin at midnight UTC, and today is the last day', () => {
    expect(new Date(firstDayOf(7, now) * dayMs).toISOString()).toBe('2026-11-23T00:00:00.000Z');
    const { days } = figuresOf({ ...nothing, opened: [{ day: today, count: 3 }] }, { days: 7, now });
    expect(days.map(({ day, opened }) => [day - today, opened])).toEqual([
      [-6, 0],
      [-5, 0],
      [-4, 0],
      [-3, 0],
      [-2, 0],
      [-1, 0],
      [0, 3],
    ]);
  });

  it('say the middle and the ninth of ten by nearest rank, and nothing of nothing', () => {
    const answerSteps = [
      { step: step(5 * hourMs), count: 1 },
      { step: step(20 * minuteMs), count: 6 },
      { step: step(3 * dayMs), count: 1 },
      { step: step(2 * hourMs), count: 2 },
    ];
    const { answer, decision } = figuresOf({ ...nothing, answerSteps }, { days: 30, now });
    expect([answer.medianMs, answer.mostMs]).toEqual([20 * minuteMs, 5 * hourMs]);
    expect(answer.ranges.map(({ count }) => count)).toEqual([6, 2, 1, 0, 0, 1]);
    expect([decision.medianMs, decision.mostMs]).toEqual([undefined, undefined]);
  });

  it('list agents by name, not by how many they approved', () => {
    const of = (name: string, approvals: number) => ({ name, approvals, vetoed: 1, provedFalse: 0 });
    const figures = figuresOf({ ...nothing, agents: [of('Omar', 9), of('Ada', 1)] }, { days: 7, now });
    expect(figures.agents.map(({ name }) => name)).toEqual(['Ada', 'Omar']);
    expect([figures.approved, figures.vetoed, figures.provedFalse]).toEqual([10, 2, 0]);
  });

  it('are lines of a file that no spreadsheet runs', () => {
    const agents = [{ name: '=HYPERLINK("x"),y', approvals: 1, vetoed: 0, provedFalse: 0 }];
    const lines = figuresInCsv(figuresOf({ ...nothing, agents, reopened: 4 }, { days: 7, now })).split('\r\n');
    expect(lines[0]).toBe('day,figure,agent,value');
    expect(lines).toContain('2026-11-29,opened,,0');
    expect(lines).toContain(',reopened,,4');
    expect(lines).toContain(',approved,"\'=HYPERLINK(""x""),y",1');
    expect(lines.at(-1)).toBe('');
    for (const line of lines.slice(0, -1)) expect(line).not.toMatch(/(^|,)[=+@]/);
  });
});
