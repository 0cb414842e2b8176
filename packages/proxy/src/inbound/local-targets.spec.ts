import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { FakeClient } from '../exchange/exchange.builder.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { LocalTargets } from './local-targets.ts';

const app = { ip: '10.0.0.5', port: 8080 };
const other = { ip: '10.0.0.5', port: 9090 };

class Fixture {
  readonly clock = new FakeClock();
  readonly made: { what: string; client: FakeClient }[] = [];
  readonly targets = new LocalTargets(
    (target, version) => {
      const client = new FakeClient();
      this.made.push({ what: `${version} ${formatAddress(target)}`, client });
      return client;
    },
    { queueCapacity: 10, failFastTimeoutMs: 1000, idleMs: 90_000 },
    this.clock,
  );

  /** What has been closed, by what it was for. */
  get closed(): string[] {
    return this.made.filter(({ client }) => client.events.includes('close')).map(({ what }) => what);
  }
}

describe('the clients to the applications', () => {
  it('are shared by all connections to one address in one version', () => {
    const { made, targets } = new Fixture();
    const first = targets.acquire(app, 'http1');
    expect(targets.acquire(app, 'http1')).toBe(first);
    targets.acquire(app, 'http2');
    targets.acquire(other, 'http1');
    expect(made.map(({ what }) => what)).toEqual([
      'http1 10.0.0.5:8080',
      'http2 10.0.0.5:8080',
      'http1 10.0.0.5:9090',
    ]);
  });

  it('are closed some time after the last connection has gone', () => {
    const fixture = new Fixture();
    fixture.targets.acquire(app, 'http1');
    fixture.targets.acquire(app, 'http1');
    fixture.targets.release(app, 'http1');
    fixture.clock.advance(90_000);
    expect(fixture.closed).toEqual([]);
    fixture.targets.release(app, 'http1');
    fixture.clock.advance(89_999);
    expect(fixture.closed).toEqual([]);
    fixture.clock.advance(1);
    expect(fixture.closed).toEqual(['http1 10.0.0.5:8080']);
    fixture.targets.acquire(app, 'http1');
    expect(fixture.made).toHaveLength(2);
  });

  it('stay when a new connection comes in time', () => {
    const fixture = new Fixture();
    const balancer = fixture.targets.acquire(app, 'http1');
    fixture.targets.release(app, 'http1');
    fixture.clock.advance(60_000);
    expect(fixture.targets.acquire(app, 'http1')).toBe(balancer);
    fixture.clock.advance(90_000);
    expect(fixture.closed).toEqual([]);
  });

  it('are all closed at the end', () => {
    const fixture = new Fixture();
    fixture.targets.acquire(app, 'http1');
    fixture.targets.acquire(other, 'http1');
    fixture.targets.release(other, 'http1');
    fixture.targets.close();
    expect(fixture.closed).toHaveLength(2);
    fixture.clock.advance(90_000);
    expect(fixture.made[1].client.events).toEqual(['close']);
  });
});

describe('an application that is not ready', () => {
  it('is waited for, and served from when it is', () => {
    const { made, targets } = new Fixture();
    const balancer = targets.acquire(app, 'http2');
    const { client } = made[0];
    client.ready = false;
    const got: string[] = [];
    const waiter = {
      onEndpoint: () => got.push('endpoint'),
      onFailFast: () => got.push('fail-fast'),
      onHopeless: () => got.push('hopeless'),
    };
    expect(balancer.acquire(waiter).kind).toBe('queued');
    client.ready = true;
    client.onReadyChange?.(true);
    expect(got).toEqual(['endpoint']);
  });
});
