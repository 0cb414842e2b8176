import type { ContenderName } from './contender.ts';
import type { Measurement, MemoryReport } from './measure.ts';
import type { Metric, Row } from './rows.ts';
import { type Summary, summarize } from './statistics.ts';

export interface Result extends Summary {
  contender: ContenderName;
  values: readonly number[];
  /** CPU time of the proxies per request, or per MB where there are no requests. */
  cpuMicros: number;
  /** Share of their core that the proxies used (median). */
  coreShare: number;
  /** Greatest share of that core which others took during any of the measurements. */
  othersShare: number;
  errors: number;
}

export interface Measured {
  row: string;
  title: string;
  metric: string;
  unit: string;
  better: Metric['better'];
  results: readonly Result[];
  /** Medians of weft by those of each other contender. */
  ratios: Readonly<Record<string, number>>;
}

export interface Report {
  machine: Readonly<Record<string, string | number>>;
  rounds: number;
  seconds: number;
  rows: readonly Measured[];
  memory: readonly ({ contender: ContenderName } & MemoryReport)[];
  /** What this project asks of itself, and whether it was met. */
  goals: readonly { goal: string; value: number; met: boolean }[];
}

export type Samples = ReadonlyMap<ContenderName, readonly Measurement[]>;

/** Condenses the measurements of one row, one entry for each of its metrics. */
export function condense({ name, title, metrics }: Row, samples: Samples): Measured[] {
  return metrics.map((metric) => {
    const results = [...samples].map(([contender, measurements]): Result => {
      const values = measurements.map(metric.of);
      return {
        contender,
        values,
        ...summarize(values),
        cpuMicros: summarize(measurements.map(({ cpuMicros }) => cpuMicros)).median,
        coreShare: summarize(measurements.map(({ coreShare }) => coreShare)).median,
        othersShare: Math.max(...measurements.map(({ othersShare }) => othersShare)),
        errors: measurements.reduce((sum, { errors }) => sum + errors, 0),
      };
    });
    const own = results.find(({ contender }) => contender === 'weft');
    const others = own === undefined ? [] : results.filter((result) => result !== own);
    const ratios = Object.fromEntries(others.map((other) => [other.contender, own!.median / other.median]));
    return {
      row: name,
      title,
      metric: metric.name,
      unit: metric.unit,
      better: metric.better,
      results,
      ratios,
    };
  });
}

const GOALS: readonly { goal: string; row: string; metric: string; met: (ratio: number) => boolean }[] = [
  {
    goal: 'GET 128 B: at least 0.8 of haproxy over HTTP/1.1',
    row: 'get-128',
    metric: 'rate',
    met: (ratio) => ratio >= 0.8,
  },
  {
    goal: 'p99 at 4 000 requests a second: at most twice that of haproxy over HTTP/1.1',
    row: 'latency',
    metric: 'p99',
    met: (ratio) => ratio <= 2,
  },
];

export function judge(rows: readonly Measured[]): Report['goals'] {
  return GOALS.flatMap(({ goal, row, metric, met }) => {
    const value = rows.find((measured) => measured.row === row && measured.metric === metric)?.ratios[
      'haproxy-h1'
    ];
    return value === undefined ? [] : [{ goal, value, met: met(value) }];
  });
}

const number = (value: number) => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));

/** A table of one row for people. */
export function renderRow({ title, metric, unit, results, ratios }: Measured): string {
  const lines = results.map(({ contender, median, spread, cpuMicros, coreShare, errors }) => {
    const cpu =
      contender === 'direct' ? '' : `${number(cpuMicros)} µs CPU, core ${(coreShare * 100).toFixed(0)} %`;
    const ratio = ratios[contender] === undefined ? '' : `weft is ${ratios[contender].toFixed(2)} of it`;
    const cells = [
      contender.padEnd(12),
      `${number(median).padStart(9)} ${unit}`,
      `±${(spread * 100).toFixed(0)} %`.padStart(6),
    ];
    return [...cells, cpu.padStart(25), ratio, errors > 0 ? `${errors} ERRORS` : ''].join('  ').trimEnd();
  });
  return [`${title} (${metric})`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

export function renderMemory(memory: Report['memory']): string {
  const lines = memory.map(({ contender, idleMb, withConnectionsMb, afterMb }) => {
    const cells = [
      `idle ${number(idleMb)} MB`,
      `500 connections ${number(withConnectionsMb)} MB`,
      `after ${number(afterMb)} MB`,
    ];
    return `  ${contender.padEnd(12)}  ${cells.join('  ')}`;
  });
  return ['memory of both proxies', ...lines, ''].join('\n');
}

const TOLERATED_SHARE = 0.1;

/** A word of warning where the machine had other things to do. */
export function renderDisturbance(rows: Report['rows']): string | undefined {
  const worst = Math.max(0, ...rows.flatMap(({ results }) => results.map(({ othersShare }) => othersShare)));
  if (worst <= TOLERATED_SHARE) return undefined;
  const share = (worst * 100).toFixed(0);
  return `DISTURBED: other processes took up to ${share} % of the proxies' core; only CPU times are comparable`;
}

export function renderGoals(goals: Report['goals']): string {
  return goals
    .map(({ goal, value, met }) => `${met ? 'met' : 'MISSED'}: ${goal} (${value.toFixed(2)})`)
    .join('\n');
}
