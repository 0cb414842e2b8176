import { describe, expect, it } from '@jest/globals';
import type { Measurement } from './measure.ts';
import { condense, judge, renderDisturbance, renderGoals, renderRow } from './report.ts';
import { ROWS } from './rows.ts';

function measurement(overrides: Partial<Measurement>): Measurement {
  const sample = { requestsPerSecond: 1, megabytesPerSecond: 0, p50Ms: 1, p99Ms: 1, errors: 0 };
  return { ...sample, cpuMicros: 10, coreShare: 1, othersShare: 0, ...overrides };
}

const rate = (requestsPerSecond: number) => measurement({ requestsPerSecond });
const row = (name: string) => ROWS.find((candidate) => candidate.name === name)!;

describe('a condensed row', () => {
  const [measured] = condense(
    row('get-128'),
    new Map([
      ['haproxy-h1', [rate(100), rate(200), rate(90)]],
      ['weft', [rate(80), measurement({ requestsPerSecond: 85, errors: 3 }), rate(70)]],
    ] as const),
  );

  it('compares medians', () => {
    expect(measured?.results.map(({ contender, median }) => [contender, median])).toEqual([
      ['haproxy-h1', 100],
      ['weft', 80],
    ]);
    expect(measured?.ratios).toEqual({ 'haproxy-h1': 0.8 });
  });

  it('adds up errors and shows them', () => {
    expect(measured?.results[1]?.errors).toBe(3);
    const text = renderRow(measured!);
    expect(text).toContain('3 ERRORS');
    expect(text).toContain('weft is 0.80 of it');
  });

  it('has one entry for each metric', () => {
    const samples = new Map([['direct', [measurement({ p50Ms: 2, p99Ms: 9 })]]] as const);
    const latency = condense(row('latency'), samples);
    expect(latency.map(({ metric, results, ratios }) => [metric, results[0]?.median, ratios])).toEqual([
      ['p50', 2, {}],
      ['p99', 9, {}],
    ]);
  });
});

describe('the goals', () => {
  const judged = (name: string, own: Partial<Measurement>, other: Partial<Measurement>) =>
    judge(
      condense(
        row(name),
        new Map([
          ['haproxy-h1', [measurement(other)]],
          ['weft', [measurement(own)]],
        ] as const),
      ),
    );

  it('are met at the line and missed beyond it', () => {
    expect(judged('get-128', { requestsPerSecond: 13 }, { requestsPerSecond: 10 })[0]).toMatchObject({
      met: true,
    });
    expect(judged('get-128', { requestsPerSecond: 12 }, { requestsPerSecond: 10 })[0]).toMatchObject({
      met: false,
    });
    expect(judged('latency', { p99Ms: 1 }, { p99Ms: 1 })[0]).toMatchObject({ met: true });
    const missed = judged('latency', { p99Ms: 3 }, { p99Ms: 1 });
    expect(missed[0]).toMatchObject({ met: false, value: 3 });
    expect(renderGoals(missed)).toMatch(/^MISSED: .*at most 1 of haproxy-h1 \(3\.00\)$/);
  });

  it('say nothing about what was not measured', () => {
    expect(judge([])).toEqual([]);
    expect(judged('h2-get', {}, {})).toEqual([]);
  });
});

describe('a machine with other things to do', () => {
  const rows = (othersShare: number) =>
    condense(row('get-128'), new Map([['weft', [rate(1), measurement({ othersShare })]]] as const));

  it('is named, by the worst moment', () => {
    expect(renderDisturbance(rows(0.42))).toContain('up to 42 %');
    expect(renderDisturbance(rows(0.05))).toBeUndefined();
  });
});
