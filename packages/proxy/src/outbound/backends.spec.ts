import { describe, expect, it } from '@jest/globals';
import { defaultMeta, plainEndpoint } from '@weft/policy';
import { BackendsBench } from './backends.builder.ts';

const a = plainEndpoint('10.0.0.1', 80);
const b = plainEndpoint('10.0.0.2', 80);
const c = plainEndpoint('10.0.0.3', 80);

describe('a backend', () => {
  it('is one balancer for all who lead to it, until the last lets go', () => {
    const bench = new BackendsBench();
    const [first, second] = [bench.acquire(), bench.acquire()];
    expect(second.balancer).toBe(first.balancer);
    bench.announce().onReset([a]);
    first.release();
    first.release();
    expect(bench.followed.has('orders:80')).toBe(true);
    expect(bench.closed).toEqual([false]);
    second.release();
    expect(bench.followed.has('orders:80')).toBe(false);
    expect(bench.closed).toEqual([true]);
    expect(bench.acquire().balancer).not.toBe(first.balancer);
  });

  it('is another one for another name, version or parent', () => {
    const bench = new BackendsBench();
    const all = [
      bench.acquire('orders:80', 'http1'),
      bench.acquire('orders:80', 'http2'),
      bench.acquire('mail:80', 'http1'),
      bench.acquire('orders:80', 'http1', 'shop'),
    ];
    expect(new Set(all.map(({ balancer }) => balancer)).size).toBe(4);
  });

  it('that is a single endpoint follows nothing', () => {
    const bench = new BackendsBench();
    const names = { parent: defaultMeta('p'), backend: defaultMeta('b'), logical: '10.0.0.1:80' };
    const held = bench.backends.acquireHttp('10.0.0.1:80', { kind: 'forward', endpoint: a }, 'http1', names);
    expect(held.balancer.size).toBe(1);
    expect(bench.followed.size).toBe(0);
    held.release();
    expect(bench.closed).toEqual([true]);
  });
});

describe('the endpoints of a backend', () => {
  it('come and go', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    bench.announce().onReset([a]);
    bench.announce().onAdd([b, c]);
    expect(balancer.size).toBe(3);
    bench.announce().onRemove([b]);
    expect([...balancer.endpoints].map(({ key }) => key)).toEqual(['10.0.0.1 80', '10.0.0.3 80']);
    expect(bench.closed).toEqual([false, true, false]);
  });

  it('that are announced again keep their connections', () => {
    const bench = new BackendsBench();
    bench.acquire();
    bench.announce().onReset([a, b]);
    bench.announce().onAdd([{ ...a }]);
    bench.announce().onReset([{ ...b, labels: new Map() }, { ...a }]);
    expect(bench.clients).toHaveLength(2);
    expect(bench.closed).toEqual([false, false]);
  });

  it('that are announced otherwise than before are made anew', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    bench.announce().onReset([a, b]);
    bench.announce().onAdd([{ ...a, labels: new Map([['dst_pod', 'orders-1']]) }]);
    expect(bench.closed).toEqual([true, false, false]);
    expect(balancer.size).toBe(2);
  });

  it('are all replaced by a new whole set, and those in both stay', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    bench.announce().onReset([a, b]);
    bench.announce().onReset([b, c]);
    expect(bench.closed).toEqual([true, false, false]);
    expect([...balancer.endpoints].map(({ key }) => key).sort()).toEqual(['10.0.0.2 80', '10.0.0.3 80']);
    bench.announce().onReset([]);
    expect(balancer.size).toBe(0);
  });

  it('that are removed without having been there change nothing', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    bench.announce().onReset([a]);
    bench.announce().onRemove([b]);
    expect(balancer.size).toBe(1);
  });

  it('are counted by whether they are ready', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire('orders:80', 'http2');
    bench.announce().onReset([a, b]);
    const { client } = bench.clients[0];
    client.ready = false;
    client.onReadyChange?.(false);
    expect(balancer.readyCount).toBe(1);
    expect(bench.metric('outbound_http_balancer_endpoints', 'endpoint_state="ready"')).toBe(1);
    expect(bench.metric('outbound_http_balancer_endpoints', 'endpoint_state="pending"')).toBe(1);
    expect(bench.metric('outbound_http_balancer_p2c_endpoints')).toBe(2);
  });

  it('serve who waited for the first of them', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    const got: string[] = [];
    balancer.acquire({
      onEndpoint: ({ key }) => void got.push(key),
      onFailFast: () => void got.push('none'),
    });
    bench.announce().onReset([a]);
    expect(got).toEqual(['10.0.0.1 80']);
  });
});

describe('an endpoint that takes HTTP/2', () => {
  it('is spoken to in HTTP/2 for requests of both versions', () => {
    const bench = new BackendsBench();
    bench.acquire('orders:80', 'http1');
    bench.announce().onReset([{ ...a, protocolHint: 'h2' }]);
    expect(bench.clients.map(({ version }) => version)).toEqual(['http2']);
  });

  it.each([null, 'opaque'] as const)('is not what a hint of %s says', (protocolHint) => {
    const bench = new BackendsBench();
    bench.acquire('orders:80', 'http1');
    bench.announce().onReset([{ ...a, protocolHint }]);
    expect(bench.clients.map(({ version }) => version)).toEqual(['http1']);
  });
});
