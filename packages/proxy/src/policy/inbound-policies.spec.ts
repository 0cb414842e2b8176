import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { defaultServerPolicy } from '@weft/policy';
import { ServerSchema } from '@weft/proto/inbound';
import { fakeWatches } from '../discovery/watch/watch.builder.ts';
import { WatchedInboundPolicies } from './inbound-policies.ts';

function policies({ ports = [80], capacity = 10 } = {}) {
  const fakes = fakeWatches();
  const options = { clusterNetworks: [], detectTimeoutMs: 10_000, opaque: false };
  const watched = new WatchedInboundPolicies(fakes.watches, {
    workload: '{"ns":"shop"}\n',
    ports,
    defaultPolicy: () => defaultServerPolicy('all-unauthenticated', options),
    idleMs: 90_000,
    capacity,
  });
  const { client } = fakes;
  const stream = (port: number) =>
    client.streams.filter(({ request }) => (request as { port: number }).port === port).at(-1);
  return { ...fakes, watched, stream };
}

const server = (name: string): MessageInitShape<typeof ServerSchema> => ({
  labels: { name },
  protocol: { kind: { case: 'opaque', value: {} } },
});

describe('the inbound policy of a port', () => {
  it('is watched from the start for listed ports, each once', () => {
    const { client } = policies({ ports: [80, 81, 80] });
    expect(client.streams.map(({ request }) => request)).toEqual([
      { workload: '{"ns":"shop"}\n', port: 80 },
      { workload: '{"ns":"shop"}\n', port: 81 },
    ]);
  });

  it('is the default at once, then what the control plane says', () => {
    const { watched, stream } = policies();
    const handle = watched.get(80);
    expect(handle.current.meta.name).toBe('all-unauthenticated');
    const heard: string[] = [];
    const unsubscribe = handle.subscribe(({ meta }) => heard.push(meta.name));
    stream(80)?.send(ServerSchema, server('web'));
    unsubscribe();
    stream(80)?.send(ServerSchema, server('web2'));
    expect([heard, handle.current.meta.name, watched.get(80).current.meta.name]).toEqual([
      ['web'],
      'web2',
      'web2',
    ]);
  });

  it('is in force for listed ports and for those in use', () => {
    const { watched, stream } = policies();
    stream(80)?.send(ServerSchema, server('web'));
    watched.get(9000);
    const inForce = [...watched.inForce()].map(({ port, listed, policy }) => [
      port,
      listed,
      policy.meta.name,
    ]);
    expect(inForce).toEqual([
      [80, true, 'web'],
      [9000, false, 'all-unauthenticated'],
    ]);
  });

  it('stays what it was while the control plane is away, and when it has nothing more to say', () => {
    const { watched, stream, clock } = policies();
    const handle = watched.get(80);
    stream(80)?.send(ServerSchema, server('web'));
    stream(80)?.end(14);
    expect(handle.current.meta.name).toBe('web');
    clock.advance(100);
    stream(80)?.send(ServerSchema, server('web2'));
    stream(80)?.end(3);
    clock.advance(100_000);
    expect([handle.current.meta.name, stream(80)?.ended]).toEqual(['web2', true]);
  });

  it('refuses everything once it is invalid, with a log line, until it is corrected', () => {
    const { watched, stream, log } = policies();
    const handle = watched.get(80);
    stream(80)?.send(ServerSchema, { labels: { name: 'web' } });
    expect(handle.current.protocol.kind).toBe('invalid');
    expect(log.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        fields: { port: 80, reason: 'protocol.kind: is missing' },
      }),
    ]);
    stream(80)?.send(ServerSchema, server('web'));
    expect(handle.current.meta.name).toBe('web');
  });

  it('is watched on first use for other ports, and no longer once unused for a while', () => {
    const { watched, stream, clock } = policies();
    expect(stream(99)).toBeUndefined();
    const [a, b] = [watched.get(99), watched.get(99)];
    stream(99)?.send(ServerSchema, server('x'));
    a.release();
    clock.advance(100_000);
    expect(stream(99)?.open).toBe(true);
    b.release();
    clock.advance(89_999);
    const again = watched.get(99);
    expect(again.current.meta.name).toBe('x');
    again.release();
    clock.advance(90_000);
    expect(stream(99)?.open).toBe(false);
    expect(watched.get(99).current.meta.name).toBe('all-unauthenticated');
  });

  it('does not go away for listed ports', () => {
    const { watched, stream, clock } = policies();
    watched.get(80).release();
    clock.advance(1_000_000);
    expect(stream(80)?.open).toBe(true);
  });

  it('denies when more ports are in use than can be watched, and says so', () => {
    const { watched, stream, log, registry } = policies({ capacity: 1 });
    watched.get(98);
    const handle = watched.get(99);
    expect(stream(99)).toBeUndefined();
    expect([handle.current.protocol.kind, handle.current.authorizations]).toEqual(['opaque', []]);
    expect(log.lines).toHaveLength(1);
    expect(registry.render(0)).toContain('control_watch_refused_total{kind="inbound_policy"} 1');
  });

  it('closes its streams', () => {
    const { watched, client } = policies();
    watched.get(99);
    watched.close();
    expect(client.streams.map(({ open }) => open)).toEqual([false, false]);
  });
});
