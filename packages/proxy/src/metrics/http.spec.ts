import { describe, expect, it } from '@jest/globals';
import { HttpMetrics } from './http.ts';
import { Registry } from './registry.ts';

const retainMs = 1000;
const ok = { classification: 'success', grpcStatus: '' } as const;
const failed = { classification: 'failure', grpcStatus: '' } as const;

function httpMetrics() {
  const registry = new Registry(retainMs);
  return { registry, target: () => new HttpMetrics(registry, '').target('direction="inbound"') };
}

describe('the metrics of one target', () => {
  it('count requests, and responses by status and class', () => {
    const { registry, target } = httpMetrics();
    const metrics = target();
    metrics.request();
    metrics.request();
    metrics.response(200, ok, '');
    metrics.response(200, { classification: 'failure', grpcStatus: '14' }, '');
    metrics.response(503, failed, 'unclassified');
    const text = registry.render(0);
    expect(text).toContain('request_total{direction="inbound"} 2\n');
    for (const labels of [
      'status_code="200",classification="success",grpc_status="",error=""',
      'status_code="200",classification="failure",grpc_status="14",error=""',
      'status_code="503",classification="failure",grpc_status="",error="unclassified"',
    ])
      expect(text).toContain(`response_total{direction="inbound",${labels}} 1\n`);
  });

  it('have no status where there was no response', () => {
    const { registry, target } = httpMetrics();
    target().response(0, failed, 'h2(CANCEL)');
    expect(registry.render(0)).toContain(
      'response_total{direction="inbound",classification="failure",grpc_status="",error="h2(CANCEL)"} 1\n',
    );
  });

  it('put latencies into buckets of milliseconds by status', () => {
    const { registry, target } = httpMetrics();
    const metrics = target();
    for (const ms of [0.4, 25, 60_000]) metrics.latency(200, ms);
    const text = registry.render(0);
    const bucket = (le: string) =>
      `response_latency_ms_bucket{direction="inbound",status_code="200",le="${le}"}`;
    expect(text).toContain(`${bucket('1')} 1\n`);
    expect(text).toContain(`${bucket('20')} 1\n`);
    expect(text).toContain(`${bucket('30')} 2\n`);
    expect(text).toContain(`${bucket('50000')} 2\n`);
    expect(text).toContain(`${bucket('+Inf')} 3\n`);
    expect(text).toContain('response_latency_ms_count{direction="inbound",status_code="200"} 3\n');
  });

  it('are the same series for everyone who asks for the same labels', () => {
    const { registry } = httpMetrics();
    const http = new HttpMetrics(registry, 'route_');
    http.target('dst="a:80"').request();
    http.target('dst="a:80"').request();
    expect(registry.render(0)).toContain('route_request_total{dst="a:80"} 2\n');
  });
});

describe('idle metrics', () => {
  it('stay while somebody holds their target, however long nothing happens', () => {
    const { registry, target } = httpMetrics();
    const metrics = target();
    metrics.request();
    metrics.response(200, ok, '');
    metrics.latency(200, 1);
    for (const now of [0, retainMs, 10 * retainMs]) registry.render(now);
    expect(registry.render(11 * retainMs)).toContain('response_total{');
  });

  it('go with the scrape after their time, once their target is released', () => {
    const { registry, target } = httpMetrics();
    const metrics = target();
    metrics.request();
    metrics.response(200, ok, '');
    metrics.latency(200, 1);
    metrics.release();
    registry.render(0);
    expect(registry.render(retainMs - 1)).toContain('request_total{');
    // The scrape that finds them idle for long enough still shows them.
    expect(registry.render(retainMs)).toContain('request_total{');
    expect(registry.render(retainMs + 1)).toBe('# EOF\n');
  });

  it('stay when they are counted again in time', () => {
    const { registry, target } = httpMetrics();
    target().release();
    registry.render(0);
    const again = target();
    again.request();
    again.release();
    registry.render(retainMs);
    expect(registry.render(2 * retainMs - 1)).toContain('request_total{direction="inbound"} 1\n');
  });

  it('of requests that outlive their target go, too', () => {
    const { registry, target } = httpMetrics();
    const metrics = target();
    metrics.request();
    metrics.release();
    metrics.latency(200, 1);
    metrics.response(200, ok, '');
    expect(registry.render(0)).toContain('response_total{');
    registry.render(retainMs);
    expect(registry.render(retainMs)).toBe('# EOF\n');
  });

  it('held by two stay until both have let go', () => {
    const { registry, target } = httpMetrics();
    const [first, second] = [target(), target()];
    first.request();
    first.release();
    registry.render(0);
    registry.render(retainMs);
    expect(registry.render(retainMs + 1)).toContain('request_total{');
    second.release();
    registry.render(2 * retainMs);
    expect(registry.render(2 * retainMs)).toBe('# EOF\n');
  });
});
