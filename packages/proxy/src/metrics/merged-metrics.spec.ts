import { describe, expect, it } from '@jest/globals';
import { MergedMetrics } from './merged-metrics.ts';
import { Registry } from './registry.ts';

const retainMs = 1000;

function thread() {
  const registry = new Registry(retainMs);
  return {
    registry,
    requests: registry.counter('legacy', 'request_total', 'Requests.', { evicted: true }),
    open: registry.gauge('legacy', 'tcp_open_connections', 'Open.'),
    endpoints: registry.gauge('registry', 'endpoints', 'Endpoints.', { across: 'max' }),
    latency: registry.histogram('registry', 'latency', 'Latency.', [1, 10], { unit: 'seconds' }),
  };
}

function process() {
  const threads = [thread(), thread()] as const;
  const merged = new MergedMetrics(threads[0].registry);
  const scrape = (now: number, answering: readonly number[] = [0, 1]): string[] => {
    for (const i of answering) merged.update(i, threads[i].registry.snapshot(now));
    return merged.render().split('\n');
  };
  return { threads, scrape };
}

describe('the metrics of several threads', () => {
  it('are written as those of one', () => {
    const { threads, scrape } = process();
    const [alone] = threads;
    alone.requests.with('direction="inbound"').inc(2);
    alone.open.with('').inc();
    alone.latency.with('to="a"').observe(5);
    expect(scrape(0, [0]).join('\n')).toBe(alone.registry.render(0));
  });

  it('add up, except where each thread has the whole', () => {
    const { threads, scrape } = process();
    for (const { endpoints, latency, open, requests } of threads) {
      requests.with('direction="inbound"').inc(2);
      open.with('peer="src"').inc(3);
      endpoints.with('').set(7);
      latency.with('').observe(0.5);
      latency.with('').observe(5);
    }
    threads[1].requests.with('direction="outbound"').inc();
    expect(scrape(0)).toEqual(
      expect.arrayContaining([
        'request_total{direction="inbound"} 4',
        'request_total{direction="outbound"} 1',
        'tcp_open_connections{peer="src"} 6',
        'endpoints 7',
        'latency_seconds_sum 11',
        'latency_seconds_count 4',
        'latency_seconds_bucket{le="1.0"} 2',
        'latency_seconds_bucket{le="+Inf"} 4',
      ]),
    );
  });

  it('are the last known of a thread that does not answer', () => {
    const { threads, scrape } = process();
    for (const { requests } of threads) requests.with('').inc(2);
    scrape(0);
    for (const { requests } of threads) requests.with('').inc();
    expect(scrape(1, [0])).toContain('request_total 5');
    expect(scrape(2)).toContain('request_total 6');
  });

  it('never become less when one of the threads drops an idle series', () => {
    const { threads, scrape } = process();
    const busy = threads[0].requests.with('');
    threads[1].requests.with('').inc(5);
    const counts: string[][] = [];
    for (let at = 0; at < 5; at++) {
      busy.inc();
      counts.push(scrape(at * retainMs).filter((line) => line.startsWith('request_total')));
    }
    expect(threads[1].requests.size).toBe(0);
    expect(counts.flat()).toEqual([6, 7, 8, 9, 10].map((count) => `request_total ${count}`));
    threads[1].requests.with('').inc(100);
    expect(scrape(5 * retainMs)).toContain('request_total 110');
  });

  it('lose a series that all threads have dropped', () => {
    const { threads, scrape } = process();
    for (const { requests } of threads) requests.with('').inc(5);
    for (let at = 0; at < 5; at++) scrape(at * retainMs);
    expect(scrape(6 * retainMs).join()).not.toContain('request_total');
    threads[1].requests.with('').inc();
    expect(scrape(7 * retainMs)).toContain('request_total 1');
  });
});
