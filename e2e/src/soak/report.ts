import type { Changes } from './churn.ts';
import type { Sample } from './memory.ts';
import { floors, type Slope, slopeOf } from './slope.ts';
import type { Traffic } from './traffic.ts';

/** What this project asks of a proxy. */
export const MAX_MB_PER_HOUR = 1;

/** `grows` is for certain; `unclear` when the bounds leave both open. */
export type Verdict = 'flat' | 'unclear' | 'grows';

export interface ProxyReport {
  readonly pod: string;
  /** Floors of the first window, of the one after the warm-up, and of the last one, in MB. */
  readonly start: number;
  readonly warm: number;
  readonly end: number;
  readonly slope: Slope;
  readonly verdict: Verdict;
  readonly floors: readonly Sample[];
}

export interface Timing {
  readonly durationMs: number;
  /** Caches fill and code is compiled: memory is not judged by then. */
  readonly warmUpMs: number;
  /** Of each of these spans the lowest sample counts. */
  readonly windowMs: number;
}

export interface Report extends Timing {
  readonly proxies: readonly ProxyReport[];
  /** Proxies that came and went. */
  readonly passing: number;
  readonly traffic: Traffic;
  readonly changes: Changes;
  /** Why the soak has failed; none when it has not. */
  readonly failures: readonly string[];
}

/**
 * What the samples of one proxy that was there from beginning to end say.
 * @throws RangeError when it was ended before there was enough to judge.
 */
export function judge(pod: string, samples: readonly Sample[], timing: Timing): ProxyReport {
  const all = floors(samples, timing.windowMs);
  const judged = all.filter(({ at }) => at >= timing.warmUpMs);
  const slope = slopeOf(judged);
  return {
    pod,
    start: all[0]!.mb,
    warm: judged[0]!.mb,
    end: judged.at(-1)!.mb,
    slope,
    verdict: verdictOf(slope),
    floors: all,
  };
}

function verdictOf({ mbPerHour, low }: Slope): Verdict {
  if (mbPerHour <= MAX_MB_PER_HOUR) return 'flat';
  return low > MAX_MB_PER_HOUR ? 'grows' : 'unclear';
}

/** Names every reason for which a soak counts as failed. */
export function failuresOf({ proxies, traffic }: Pick<Report, 'proxies' | 'traffic'>): readonly string[] {
  const growing = proxies
    .filter(({ verdict }) => verdict === 'grows')
    .map(({ pod, slope }) => `the proxy of ${pod} grows by ${slope.mbPerHour.toFixed(2)} MB/h`);
  const { failed, sent } = traffic.total;
  return failed === 0 ? growing : [...growing, `${failed} of ${sent} requests failed`];
}

const BARS = '▁▂▃▄▅▆▇█';

/** Values as a line of bars; the lowest is the shortest, and less than 1 MB of difference is drawn as such. */
export function bars(values: readonly number[]): string {
  const low = Math.min(...values);
  const range = Math.max(1, Math.max(...values) - low);
  return values.map((value) => BARS[Math.round(((value - low) / range) * (BARS.length - 1))]).join('');
}

const mb = (value: number) => value.toFixed(1).padStart(7);

function renderProxy({ pod, start, warm, end, slope, verdict, floors: all }: ProxyReport): string {
  const bounds = `${slope.mbPerHour.toFixed(2)} (${slope.low.toFixed(2)} … ${slope.high.toFixed(2)})`;
  const line = `${pod.padEnd(30)}${mb(start)} ${mb(warm)} ${mb(end)}  ${bounds.padStart(24)}  ${verdict}`;
  return `${line}\n${' '.repeat(6)}${bars(all.map((floor) => floor.mb))}`;
}

export function render(report: Report): string {
  const { proxies, traffic, changes, warmUpMs, durationMs, windowMs } = report;
  const minutes = (ms: number) => Number((ms / 60_000).toFixed(1));
  const kinds = Object.entries(traffic.counts).flatMap(([client, counts]) =>
    Object.entries(counts).map(([kind, count]) => {
      const { sent, aborted, denied, failed } = count;
      const rest = [
        aborted > 0 ? `${aborted} left` : '',
        denied > 0 ? `${denied} denied` : '',
        failed > 0 ? `${failed} FAILED` : '',
      ].filter((text) => text !== '');
      return `  ${client.padEnd(8)} ${kind.padEnd(44)} ${String(sent).padStart(8)}  ${rest.join(', ')}`.trimEnd();
    }),
  );
  const head = ['proxy'.padEnd(30), 'start', `${minutes(warmUpMs)} min`, `${minutes(durationMs)} min`];
  return [
    `own memory in MB, floors of ${windowMs / 1000} s; slope in MB/h after ${minutes(warmUpMs)} min (95 % bounds)`,
    `${head[0]}${head
      .slice(1)
      .map((text) => text.padStart(7))
      .join(' ')}`,
    ...proxies.map(renderProxy),
    '',
    'requests',
    ...kinds,
    ...traffic.errors.slice(0, 20).map((error) => `  ${error}`),
    '',
    `changes: ${changes.scaled} of replicas (${report.passing} proxies came and went), ${changes.policyEdits} of policy, ` +
      `${changes.restarts} restarts of the control plane, ${changes.issuers} of the issuer`,
    ...report.failures.map((failure) => `FAILED: ${failure}`),
    '',
  ].join('\n');
}
