import { describe, expect, it } from '@jest/globals';
import { Registry } from './registry.ts';
import { TransportMetrics } from './transport.ts';

const labels = 'direction="inbound",peer="src"';

describe('the metrics of connections', () => {
  it('count what is open, what was opened, what was closed and why, and the bytes', () => {
    const registry = new Registry(1000);
    const transport = new TransportMetrics(registry);
    const [first, second, third] = [transport.open(labels), transport.open(labels), transport.open(labels)];
    first.onRead(10);
    second.onRead(5);
    first.onWrite(7);
    first.onClose(null);
    second.onClose('ECONNRESET');
    const text = registry.render(0);
    for (const line of [
      `tcp_open_total{${labels}} 3`,
      `tcp_open_connections{${labels}} 1`,
      `tcp_read_bytes_total{${labels}} 15`,
      `tcp_write_bytes_total{${labels}} 7`,
      `tcp_close_total{${labels},errno=""} 1`,
      `tcp_close_total{${labels},errno="ECONNRESET"} 1`,
    ])
      expect(text).toContain(`${line}\n`);
    third.onClose(null);
    expect(registry.render(0)).toContain(`tcp_close_total{${labels},errno=""} 2\n`);
  });

  it('count a close once', () => {
    const registry = new Registry(1000);
    const counts = new TransportMetrics(registry).open(labels);
    counts.onClose(null);
    counts.onClose('EPIPE');
    const text = registry.render(0);
    expect(text).toContain(`tcp_open_connections{${labels}} 0\n`);
    expect(text).not.toContain('EPIPE');
  });

  it('are kept for an idle connection, and forgotten some time after its close', () => {
    const registry = new Registry(1000);
    const counts = new TransportMetrics(registry).open(labels);
    for (const now of [0, 1000, 9000]) registry.render(now);
    expect(registry.render(10_000)).toContain(`tcp_open_connections{${labels}} 1\n`);
    counts.onClose(null);
    registry.render(11_000);
    registry.render(12_000);
    expect(registry.render(12_001)).toBe('# EOF\n');
  });
});
