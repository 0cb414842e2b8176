import { describe, expect, it } from '@jest/globals';
import { Registry } from '../metrics/registry.ts';
import { ConnectionRouteFamilies, TransferCost } from './connection-metrics.ts';

describe('the connections of a route', () => {
  it('are counted when they open and by how they end', () => {
    const registry = new Registry(1000);
    const counts = new ConnectionRouteFamilies(registry, 'outbound_tls_route').route('route_name="r"');
    counts.open.inc();
    counts.closed('forbidden');
    const text = registry.render(0);
    expect(text).toContain('outbound_tls_route_open_total{route_name="r"} 1');
    expect(text).toContain('outbound_tls_route_close_total{route_name="r",error="forbidden"} 1');
    for (const error of ['', 'invalid_backend', 'invalid_policy', 'unexpected'])
      expect(text).toContain(`outbound_tls_route_close_total{route_name="r",error="${error}"} 0`);
  });
});

describe('the cost of transfers', () => {
  it('is counted beside what the transport counts, by direction and locality', () => {
    const registry = new Registry(1000);
    const heard: string[] = [];
    const observer = new TransferCost(registry).count('remote', {
      onOpen: ({ peer }) => heard.push(`open ${peer.ip}`),
      onRead: (bytes) => heard.push(`read ${bytes}`),
      onWrite: (bytes) => heard.push(`write ${bytes}`),
      onClose: (errno) => heard.push(`close ${errno}`),
    });
    const local = { ip: '10.0.0.1', port: 4140 };
    observer.onOpen?.({ peer: { ip: '10.0.0.2', port: 80 }, local, bytesRead: 0, bytesWritten: 0 });
    observer.onWrite(10);
    observer.onRead(7);
    observer.onClose('ECONNRESET');
    expect(heard).toEqual(['open 10.0.0.2', 'write 10', 'read 7', 'close ECONNRESET']);
    const text = registry.render(0);
    expect(text).toContain('outbound_tcp_transfer_cost_bytes_total{op="Send",zone_locality="Remote"} 10');
    expect(text).toContain('outbound_tcp_transfer_cost_bytes_total{op="Recv",zone_locality="Remote"} 7');
  });
});
