import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { compileNetworks, parseCidr } from '@weft/policy';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { OutboundPolicySchema } from '@weft/proto/outbound';
import type { HeldDiscovered } from '../outbound/ports.ts';
import type { Destination } from './destination.ts';
import { OutboundDiscovery } from './outbound-discovery.ts';
import { tcpAddress } from './update.builder.ts';
import { fakeWatches } from './watch/watch.builder.ts';

const service: Destination = { kind: 'address', ip: '10.0.0.1', port: 80 };
const outside: Destination = { kind: 'address', ip: '1.1.1.1', port: 80 };
const named: Destination = { kind: 'name', host: 'web.shop.svc.cluster.local', port: 80 };

const policy = (name: string): MessageInitShape<typeof OutboundPolicySchema> => ({
  metadata: { kind: { case: 'default', value: name } },
  protocol: { kind: { case: 'opaque', value: {} } },
});

function discovery({ capacity = 10, forwardUnknown = true } = {}) {
  const fakes = fakeWatches();
  const { client, watches } = fakes;
  const outbound = new OutboundDiscovery(
    {
      profiles: watches,
      policies: watches,
      contextToken: 'token',
      workload: 'workload',
      queue: { capacity: 100, failfastTimeoutMs: 3000 },
      forwardUnknown,
    },
    {
      capacity,
      profileNetworks: compileNetworks([{ net: parseCidr('10.0.0.0/8')!, except: [] }]),
      profileSuffixes: ['svc.cluster.local.'],
    },
  );
  const abort = new AbortController();
  const start = (destination: Destination) => {
    const seen: { found: HeldDiscovered | null; error: unknown } = { found: null, error: null };
    outbound.discover(destination, abort.signal).then(
      (found) => {
        seen.found = found;
      },
      (error: unknown) => {
        seen.error = error;
      },
    );
    return seen;
  };
  return {
    ...fakes,
    outbound,
    abort,
    start,
    sendProfile: (init: MessageInitShape<typeof DestinationProfileSchema>) =>
      client.last('GetProfile').send(DestinationProfileSchema, init),
    sendPolicy: (init: MessageInitShape<typeof OutboundPolicySchema>) =>
      client.last('Watch').send(OutboundPolicySchema, init),
  };
}

/** Lets what has been settled be heard. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('discovering a destination', () => {
  it('asks for profile and policy at the same time', () => {
    const { start, client } = discovery();
    start(service);
    expect(client.last('GetProfile').request).toEqual({ path: '10.0.0.1:80', contextToken: 'token' });
    expect(client.last('Watch').request).toEqual({
      sourceWorkload: 'workload',
      target: { case: 'addr', value: tcpAddress('10.0.0.1:80') },
    });
  });

  it('waits for both', async () => {
    const { start, sendProfile, sendPolicy } = discovery();
    const seen = start(service);
    sendPolicy(policy('p'));
    await settle();
    expect(seen.found).toBeNull();
    sendProfile({ fullyQualifiedName: 'web.shop' });
    await settle();
    expect(seen.found?.profile.current?.fqn).toBe('web.shop');
    expect(seen.found?.policy.current.meta.name).toBe('p');
  });

  it('asks for no profile outside the profile networks', async () => {
    const { start, client, sendPolicy } = discovery();
    const seen = start(outside);
    sendPolicy(policy('p'));
    await settle();
    expect([client.of('GetProfile').length, seen.found?.profile.current]).toEqual([0, null]);
  });

  it.each([3, 9])('goes on without a profile when that is refused with %d', async (code) => {
    const { start, client, sendPolicy } = discovery();
    const seen = start(service);
    sendPolicy(policy('p'));
    client.last('GetProfile').end(code);
    await settle();
    expect(seen.found?.profile.current).toBeNull();
  });

  it('tells later changes to those who listen', async () => {
    const { start, sendProfile, sendPolicy } = discovery();
    const seen = start(service);
    sendPolicy(policy('a'));
    sendProfile({});
    await settle();
    const heard: string[] = [];
    seen.found?.policy.subscribe(({ meta }) => heard.push(meta.name));
    seen.found?.profile.subscribe((profile) => heard.push(profile?.fqn ?? ''));
    sendPolicy(policy('b'));
    sendProfile({ fullyQualifiedName: 'web' });
    expect(heard).toEqual(['b', 'web']);
  });

  it('keeps what it knows while the control plane is away', async () => {
    const { start, sendPolicy, client, clock } = discovery();
    const seen = start(outside);
    sendPolicy(policy('a'));
    await settle();
    client.last('Watch').end(14);
    clock.advance(100);
    client.last('Watch').end(5);
    expect(seen.found?.policy.current.meta.name).toBe('a');
  });

  it.each([5, 12])(
    'forwards where the connection was going when the policy is refused with %d',
    async (code) => {
      const { start, client } = discovery();
      const seen = start(outside);
      client.last('Watch').end(code);
      await settle();
      expect(seen.found?.policy.current.meta.name).toBe('fallback');
    },
  );

  it('refuses what nothing is known of, where forwarding is not allowed', async () => {
    const { start, client, sendProfile } = discovery({ forwardUnknown: false });
    const unknown = start(outside);
    client.last('Watch').end(5);
    await settle();
    expect(unknown.error).toMatchObject({ code: 'unknown', destination: '1.1.1.1:80' });
    const profiled = start(service);
    client.last('Watch').end(5);
    sendProfile({ endpoint: { addr: tcpAddress('10.0.0.7:8080') } });
    await settle();
    expect(profiled.found?.policy.current.meta.name).toBe('endpoint');
  });

  it('forwards to the endpoint of the profile, and follows it', async () => {
    const { start, client, sendProfile } = discovery();
    const seen = start(service);
    client.last('Watch').end(5);
    sendProfile({ endpoint: { addr: tcpAddress('10.0.0.7:8080') } });
    await settle();
    const forwards = () => {
      const { protocol } = seen.found!.policy.current;
      return protocol.kind === 'detect' ? JSON.stringify(protocol.opaque.route?.distribution) : '';
    };
    expect(seen.found?.policy.current.meta.name).toBe('endpoint');
    expect(forwards()).toContain('"ip":"10.0.0.7"');
    sendProfile({ endpoint: { addr: tcpAddress('10.0.0.8:8080') } });
    expect(forwards()).toContain('"ip":"10.0.0.8"');
  });

  it.each([3, 9])('fails when the policy is refused with %d, and stops asking', async (code) => {
    const { start, client } = discovery();
    const seen = start(service);
    client.last('Watch').end(code, 'bad target');
    await settle();
    expect(seen.error).toMatchObject({ code: 'rejected', destination: '10.0.0.1:80' });
    expect(String(seen.error)).toContain('bad target');
    expect(client.last('GetProfile').open).toBe(false);
  });

  it('tries until the control plane answers', async () => {
    const { start, client, clock, sendPolicy } = discovery();
    const seen = start(outside);
    for (let i = 0; i < 3; i += 1) {
      client.last('Watch').end(14);
      clock.advance(10_000);
    }
    sendPolicy(policy('p'));
    await settle();
    expect([client.of('Watch').length, seen.found?.policy.current.meta.name]).toEqual([4, 'p']);
  });

  it('hands an invalid policy on, and logs the reason', async () => {
    const { start, sendPolicy, log } = discovery();
    const seen = start(outside);
    sendPolicy({});
    await settle();
    expect(seen.found?.policy.current.protocol.kind).toBe('invalid');
    expect(log.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        fields: { destination: '1.1.1.1:80', reason: 'metadata: is missing' },
      }),
    ]);
  });

  it('stops waiting when its signal is aborted', async () => {
    const { start, client, abort } = discovery();
    const seen = start(service);
    const reason = new Error('the client has gone');
    abort.abort(reason);
    await settle();
    expect(seen.error).toBe(reason);
    expect(client.streams.map(({ open }) => open)).toEqual([false, false]);
  });

  it('follows the destination until it is released', async () => {
    const { start, client, sendPolicy } = discovery();
    const seen = start(outside);
    sendPolicy(policy('p'));
    await settle();
    expect(client.last('Watch').open).toBe(true);
    seen.found?.release();
    expect(client.last('Watch').open).toBe(false);
  });

  it('refuses more destinations than it may follow', async () => {
    const { start, sendPolicy, registry } = discovery({ capacity: 1 });
    const first = start(outside);
    const second = start(service);
    sendPolicy(policy('p'));
    await settle();
    expect(second.error).toMatchObject({ code: 'too_many' });
    expect(registry.render(0)).toContain('control_watch_refused_total{kind="outbound_policy"} 1');
    first.found?.release();
    const third = start(service);
    await settle();
    expect(third.error).toBeNull();
  });
});

describe('discovering a name', () => {
  it('asks by name', () => {
    const { start, client } = discovery();
    start(named);
    expect(client.last('GetProfile').request).toMatchObject({ path: 'web.shop.svc.cluster.local:80' });
    expect(client.last('Watch').request).toMatchObject({
      target: { case: 'authority', value: 'web.shop.svc.cluster.local:80' },
    });
  });

  it('balances over the service of its profile when there is no policy', async () => {
    const { start, client, sendProfile } = discovery();
    const seen = start(named);
    client.last('Watch').end(5);
    sendProfile({ fullyQualifiedName: 'web.shop.svc.cluster.local' });
    await settle();
    expect(seen.found?.policy.current.meta.name).toBe('service');
  });

  it('fails when the control plane knows nothing of it', async () => {
    const { start, client } = discovery();
    const seen = start(named);
    client.last('Watch').end(5);
    client.last('GetProfile').end(3);
    await settle();
    expect(seen.error).toMatchObject({ code: 'unknown' });
  });
});
