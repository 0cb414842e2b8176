import { describe, expect, it } from '@jest/globals';
import { CounterIncreases } from './counter-increases.ts';
import { bucketsSince, quantile } from './histogram.ts';
import { parseSamples } from './prometheus-text.ts';

describe('a page of metrics', () => {
  const page = [
    '# HELP request_total How many.',
    '# TYPE request_total counter',
    'request_total{direction="inbound",authority="a\\"b\\\\c\\nd",tls="true"} 12',
    'request_total_other{direction="inbound"} 3',
    'process_start_time_seconds 1.5e9',
    'broken{',
    'request_total{direction="outbound"} NaN',
    '# EOF',
  ].join('\n');

  it('is read for the names that are wanted, with escaped label values', () => {
    expect(parseSamples(page, new Set(['request_total', 'process_start_time_seconds']))).toEqual([
      {
        name: 'request_total',
        labels: { direction: 'inbound', authority: 'a"b\\c\nd', tls: 'true' },
        value: 12,
      },
      { name: 'process_start_time_seconds', labels: {}, value: 1.5e9 },
    ]);
  });
});

describe('counters', () => {
  const sample = (value: number, pod = 'a') => ({ name: 'request_total', labels: { pod }, value });

  it('are told by their growth, series by series', () => {
    const counters = new CounterIncreases();
    counters.read([sample(5), sample(7, 'b')]);
    expect(counters.read([sample(8), sample(7, 'b')])).toEqual([sample(3)]);
  });

  it('that fell have begun anew', () => {
    const counters = new CounterIncreases();
    counters.read([sample(5)]);
    expect(counters.read([sample(2)])).toEqual([sample(2)]);
  });
});

describe('a quantile of a histogram', () => {
  const buckets = new Map([
    [10, 50],
    [20, 90],
    [50, 100],
    [Number.POSITIVE_INFINITY, 100],
  ]);

  it('is interpolated within its bucket', () => {
    expect(quantile(buckets, 0.5)).toBe(10);
    expect(quantile(buckets, 0.7)).toBe(15);
    expect(quantile(buckets, 0.95)).toBe(35);
  });

  it('is the highest bound where the rest lies above it', () => {
    expect(
      quantile(
        new Map([
          [10, 1],
          [Number.POSITIVE_INFINITY, 4],
        ]),
        0.99,
      ),
    ).toBe(10);
  });

  it('is unknown without observations, also within a window', () => {
    expect(quantile(new Map(), 0.5)).toBeUndefined();
    expect(quantile(bucketsSince(buckets, buckets), 0.5)).toBeUndefined();
  });
});
