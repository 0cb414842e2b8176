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

interface Goal {
  row: string;
  metric: string;
  of: ContenderName;
  /** What Weft's median is to be by that of the other: at least, or at most where less is better. */
  ratio: number;
}

const GOALS: readonly Goal[] = [
  { row: 'get-128', metric: 'rate', of: 'haproxy-h1', ratio: 1.3 },
  { row: 'get-16k', metric: 'rate', of: 'haproxy-h2', ratio: 1.3 },
  { row: 'get-1m', metric: 'throughput', of: 'haproxy-h1', ratio: 2 },
  { row: 'post-100k', metric: 'rate', of: 'haproxy-h1', ratio: 0.95 },
  { row: 'grpc-unary', metric: 'rate', of: 'haproxy-h2', ratio: 0.8 },
  { row: 'latency', metric: 'p99', of: 'haproxy-h1', ratio: 1 },
  { row: 'tcp-echo', metric: 'rate', of: 'haproxy-h1', ratio: 0.9 },
  { row: 'tcp-bulk', metric: 'throughput', of: 'haproxy-h1', ratio: 1 },
  { row: 'connections-tcp', metric: 'rate', of: 'haproxy-h1', ratio: 0.85 },
  { row: 'inbound-128', metric: 'rate', of: 'haproxy-h1', ratio: 0.7 },
];

export function judge(rows: readonly Measured[]): Report['goals'] {
  return GOALS.flatMap(({ row, metric, of, ratio }) => {
    const measured = rows.find((one) => one.row === row && one.metric === metric);
    const value = measured?.ratios[of];
    if (measured === undefined || value === undefined) return [];
    const higher = measured.better === 'higher';
    const goal = `${measured.title} (${metric}): at ${higher ? 'least' : 'most'} ${ratio} of ${of}`;
    return [{ goal, value, met: higher ? value >= ratio : value <= ratio }];
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
  const lines = memory.map(({ contender, idle, withConnections, afterBurst, startMs, errors }) => {
    const cells = [
      `idle ${number(idle.own)} MB`,
      `500 connections ${number(withConnections.own)} MB`,
      `after a burst of 2000 ${number(afterBurst.own)} MB`,
      `program files ${number(idle.files)} MB`,
      ...(startMs === null ? [] : [`ready after ${number(startMs)} ms`]),
      ...(errors > 0 ? [`${errors} ERRORS`] : []),
    ];
    return `  ${contender.padEnd(12)}  ${cells.join('  ')}`;
  });
  return ['own memory of both proxies', ...lines, ''].join('\n');
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
