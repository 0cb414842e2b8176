import { describe, expect, it } from '@jest/globals';
import { renderLabels } from './labels.ts';
import { Registry } from './registry.ts';

describe('a scrape', () => {
  it('writes legacy families first, then the registry, then EOF', () => {
    const registry = new Registry(1000);
    const later = registry.counter('registry', 'inbound_http_requests', 'Requests.');
    const first = registry.counter('legacy', 'request_total', 'Total.');
    later.with('a="1"').inc();
    first.with('').inc(2);
    expect(registry.render(0)).toBe(
      '# HELP request_total Total.\n# TYPE request_total counter\nrequest_total 2\n' +
        '# HELP inbound_http_requests Requests.\n# TYPE inbound_http_requests counter\n' +
        'inbound_http_requests_total{a="1"} 1\n# EOF\n',
    );
  });

  it('leaves out legacy families without series and names units', () => {
    const registry = new Registry(1000);
    registry.counter('legacy', 'request_total', 'Total.');
    registry.gauge('registry', 'process_uptime', 'Uptime.', { unit: 'seconds' });
    expect(registry.render(0)).toBe(
      '# HELP process_uptime_seconds Uptime.\n# TYPE process_uptime_seconds gauge\n# UNIT process_uptime_seconds seconds\n# EOF\n',
    );
  });

  it('writes cumulative buckets', () => {
    const registry = new Registry(1000);
    const family = registry.histogram('legacy', 'ms', 'h', [1, 2.5]);
    for (const value of [0.5, 1, 2, 9]) family.with('').observe(value);
    const text = registry.render(0);
    expect(text).toContain('ms_sum 12.5\nms_count 4\n');
    expect(text).toContain('ms_bucket{le="1"} 2\nms_bucket{le="2.5"} 3\nms_bucket{le="+Inf"} 4\n');
  });

  it('writes whole bounds of registry histograms with a fraction', () => {
    const registry = new Registry(1000);
    registry.histogram('registry', 's', 'h', [1], { unit: 'seconds' }).with('').observe(0);
    expect(registry.render(0)).toContain('s_seconds_bucket{le="1.0"} 1\n');
  });

  it('brings collected gauges up to date before writing', () => {
    const registry = new Registry(1000);
    const gauge = registry.gauge('legacy', 'g', 'h');
    registry.collect(() => gauge.with('').set(7));
    expect(registry.render(0)).toContain('g 7\n');
  });
});

describe('labels', () => {
  it('escape quotes, backslashes and newlines', () => {
    expect(renderLabels([['a', 'x"\\\n']])).toBe('a="x\\"\\\\\\n"');
  });
});

describe('eviction', () => {
  it('drops a series that nobody holds and nobody changed for the retention time', () => {
    const registry = new Registry(100);
    const family = registry.counter('legacy', 'c', 'h', { evicted: true });
    const held = family.with('k="held"');
    held.users++;
    family.with('k="idle"').inc();
    registry.render(0);
    registry.render(99);
    expect(family.size).toBe(2);
    family.with('k="idle"').inc();
    registry.render(150);
    registry.render(249);
    expect(family.size).toBe(2);
    registry.render(250);
    expect(family.size).toBe(1);
    expect(registry.render(251)).toContain('k="held"');
  });
});

describe('a full family', () => {
  it('counts what exceeds its budget in one series labelled other', () => {
    const registry = new Registry(100);
    const family = registry.counter('legacy', 'c', 'h', { budget: 2 });
    for (const path of ['a', 'b', 'c', 'd']) family.with(`path="${path}"`).inc();
    expect(registry.render(0)).toContain('c{path="other"} 2\n');
    expect(registry.overflow).toBe(2);
  });
});
