import { describe, expect, it } from '@jest/globals';
import { processMetrics } from './process.ts';
import { Registry } from './registry.ts';

describe('the metrics of the process', () => {
  const registry = new Registry(1000);
  processMetrics(registry, { version: '1.2.3', sha: 'abc' });
  const sample = (name: string) =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(registry.render(0))?.[1] ?? Number.NaN);

  it('tell what it uses', () => {
    expect(sample('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(sample('process_virtual_memory_bytes')).toBeGreaterThan(sample('process_resident_memory_bytes'));
    expect(sample('process_threads')).toBeGreaterThan(1);
    expect(sample('process_open_fds')).toBeLessThan(sample('process_max_fds'));
    expect(sample('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('tell what time it is and when it began', () => {
    const clock = sample('process_clock_time_seconds');
    expect(Math.abs(clock - Date.now() / 1000)).toBeLessThan(5);
    const began = sample('process_start_time_seconds') + sample('process_uptime_seconds_total');
    expect(Math.abs(began - clock)).toBeLessThan(5);
  });

  it('tell what its network carries', () => {
    const before = sample('process_network_receive_bytes_total');
    expect(before).toBeGreaterThanOrEqual(0);
    expect(sample('process_network_transmit_bytes_total')).toBeGreaterThanOrEqual(0);
  });

  it('tell what it was built from', () => {
    expect(registry.render(0)).toContain(
      'git_sha="abc",profile="release",vendor="weft",version="1.2.3"} 1\n',
    );
  });
});
