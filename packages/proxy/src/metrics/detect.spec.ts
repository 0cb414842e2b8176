import { describe, expect, it } from '@jest/globals';
import { DetectMetrics } from './detect.ts';
import { Registry } from './registry.ts';

describe('the outcomes of HTTP detection', () => {
  it('all exist from the first connection on', () => {
    const registry = new Registry(1000);
    const metrics = new DetectMetrics(registry, 'outbound');
    metrics.count('parent_name="web"', 'http1', 2);
    const text = registry.render(0);
    expect(text).toContain('outbound_tcp_detect_http_results_total{result="http/1",parent_name="web"} 1');
    for (const result of ['not_http', 'http/2', 'read_timeout', 'error'])
      expect(text).toContain(`results_total{result="${result}",parent_name="web"} 0`);
    expect(text).toContain('outbound_tcp_detect_http_duration_seconds_sum{parent_name="web"} 0.002');
  });
});
