import { describe, expect, it } from '@jest/globals';
import { defaultMeta, plainEndpoint } from '@weft/policy';
import { consecutive } from '../balance/breaker/breaker.builder.ts';
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

  it('are counted over the balancers of both versions, until those are closed', () => {
    const bench = new BackendsBench();
    const held = [bench.acquire('orders:80', 'http1'), bench.acquire('mail:80', 'http2')];
    bench.announce('orders:80').onReset([a, b]);
    bench.announce('mail:80').onReset([c]);
    expect(bench.metric('outbound_http_balancer_p2c_endpoints')).toBe(3);
    held[0].release();
    expect(bench.metric('outbound_http_balancer_p2c_endpoints')).toBe(1);
    expect(bench.metric('outbound_http_balancer_endpoints', 'endpoint_state="ready"')).toBe(1);
  });

  it('are counted by what discovery said of them', () => {
    const bench = new BackendsBench();
    bench.acquire();
    bench.announce().onReset([a]);
    bench.announce().onReset([a, b]);
    bench.announce().onAdd([c, a]);
    bench.announce().onRemove([b]);
    const updates = ['Reset', 'Add', 'Remove'].map((op) =>
      bench.metric('outbound_http_balancer_p2c_updates_total', `op="${op}"`),
    );
    expect(updates).toEqual([2, 1, 1]);
  });

  it('that cannot be resolved make the balancer say so', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    bench.announce().onRejected('no such service');
    const waiter = { onEndpoint() {}, onFailFast() {}, onHopeless() {} };
    expect(balancer.acquire(waiter)).toEqual({ kind: 'failed', reason: 'no such service' });
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
      onHopeless: (reason) => void got.push(reason),
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

describe('the queue of a backend', () => {
  const waiter = { onEndpoint() {}, onFailFast() {}, onHopeless() {} };

  it('counts every request that is not refused, and how long it took', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    balancer.acquire(waiter);
    expect(bench.metric('outbound_http_balancer_queue_length')).toBe(1);
    bench.clock.advance(200);
    bench.announce().onReset([a]);
    balancer.acquire(waiter);
    expect(bench.metric('outbound_http_balancer_queue_length')).toBe(0);
    expect(bench.metric('outbound_http_balancer_queue_requests_total')).toBe(2);
    expect(bench.metric('outbound_http_balancer_queue_latency_seconds_count')).toBe(2);
    expect(bench.metric('outbound_http_balancer_queue_latency_seconds_sum')).toBe(0.2);
  });

  it('tells since when its gate is open or shut', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire();
    const gate = () =>
      ['open_total', 'open_time_seconds', 'shut_total', 'shut_time_seconds'].map((name) =>
        bench.metric(`outbound_http_balancer_queue_gate_${name}`),
      );
    const aTime = expect.closeTo(Date.now() / 1000, -2);
    expect(gate()).toEqual([1, aTime, 0, 0]);
    balancer.acquire(waiter);
    bench.clock.advance(3000);
    expect(gate()).toEqual([1, 0, 1, aTime]);
    balancer.acquire(waiter);
    expect(bench.metric('outbound_http_balancer_queue_requests_total')).toBe(1);
    bench.announce().onReset([a]);
    expect(gate()).toEqual([2, aTime, 1, 0]);
    expect(bench.metric('outbound_http_balancer_queue_gate_timeout_seconds')).toBe(3);
  });
});

describe('an endpoint that fails', () => {
  it('is not ready while it is left alone, and is judged by its own policy', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire('orders:80', 'http1', 'orders', consecutive(1));
    bench.announce().onReset([a, b]);
    const [first] = balancer.endpoints;
    first.breaker?.record('failure', false);
    expect(balancer.readyCount).toBe(1);
    expect(bench.metric('outbound_http_balancer_endpoints', 'endpoint_state="pending"')).toBe(1);
    bench.clock.advance(1000);
    expect(balancer.readyCount).toBe(2);
    first.breaker?.admit();
    expect(balancer.readyCount).toBe(1);
    first.breaker?.record('success', true);
    expect(balancer.readyCount).toBe(2);
  });

  it('lets the one request through that is to show whether it is well, and no other', () => {
    const bench = new BackendsBench();
    const { balancer } = bench.acquire('orders:80', 'http1', 'orders', consecutive(1));
    bench.announce().onReset([a]);
    const [only] = balancer.endpoints;
    only.breaker?.record('failure', false);
    const served: boolean[] = [];
    const send = () =>
      balancer.acquire({
        onEndpoint: ({ breaker }) => void served.push(breaker?.admit() ?? false),
        onFailFast() {},
        onHopeless() {},
      });
    expect([send().kind, send().kind]).toEqual(['queued', 'queued']);
    bench.clock.advance(1000);
    expect(served).toEqual([true]);
    only.breaker?.record('success', true);
    expect(served).toEqual([true, false]);
  });
});
