import { describe, expect, it } from '@jest/globals';
import type { Distribution } from '@weft/policy';
import { HeldBackends } from './held-backends.ts';
import { backendAt, failingBackend, meta, outboundWorld } from './outbound.builder.ts';

const a = backendAt({ ip: '127.0.0.1', port: 1 }, 'a');
const b = backendAt({ ip: '127.0.0.1', port: 2 }, 'b');
const terms = { protocol: 'http1', parent: meta('parent'), accrual: null } as const;
const firstOf = (...backends: (typeof a)[]): Distribution<never> => ({
  kind: 'first-available',
  backends: backends.map((backend) => ({ backend, filters: [] })),
});
const weighted = (...backends: [typeof a, number][]): Distribution<never> => ({
  kind: 'random-available',
  backends: backends.map(([backend, weight]) => ({ backend, weight, filters: [] })),
});

function heldBackends() {
  const world = outboundWorld();
  const held = new HeldBackends(world.backends, 'logical');
  const choose = (distribution: Distribution<never>, roll = 0) =>
    held.choose(distribution, terms, () => roll)?.backend ?? null;
  /** Makes a backend go into fail-fast: nothing can be reached there. */
  const shut = (backend: typeof a) => {
    const balancer = held.http(backend, terms);
    for (const { key } of [...balancer.endpoints]) balancer.remove(key);
    balancer.changed();
    balancer.acquire({ onEndpoint() {}, onFailFast() {}, onHopeless() {} });
    world.clock.advance(3000);
  };
  return { ...world, held, choose, shut };
}

describe('the choice of a backend', () => {
  it('is the first that is not in fail-fast', () => {
    const { choose, shut } = heldBackends();
    expect(choose(firstOf(a, b))).toBe(a);
    shut(a);
    expect(choose(firstOf(a, b))).toBe(b);
    expect(choose({ kind: 'empty' })).toBeNull();
    expect(choose(firstOf(a))).toBeNull();
  });

  it('goes by weight among those that are not in fail-fast', () => {
    const { choose, shut } = heldBackends();
    const split = weighted([a, 3], [b, 1]);
    expect(choose(split, 0.74)).toBe(a);
    expect(choose(split, 0.76)).toBe(b);
    expect(choose(weighted([a, 0], [b, 1]), 0)).toBe(b);
    shut(b);
    expect(choose(split, 0.99)).toBe(a);
    shut(a);
    expect(choose(split, 0)).toBeNull();
  });

  it('may fall on one that exists to fail', () => {
    const failing = failingBackend('gone');
    expect(heldBackends().choose(firstOf(failing, a))).toBe(failing);
  });
});

describe('held backends', () => {
  it('are the same balancers for equal backends of a later policy', () => {
    const { held } = heldBackends();
    const before = held.http(a, terms);
    held.retain(new Set(['a']));
    expect(held.http({ ...a }, terms)).toBe(before);
    expect(held.http(a, { ...terms, protocol: 'http2' })).not.toBe(before);
    expect(held.http(a, { ...terms, parent: meta('another') })).not.toBe(before);
  });

  it('are shared with other destinations, and closed when the last lets go', () => {
    const { backends, held } = heldBackends();
    const other = new HeldBackends(backends, 'other');
    const balancer = held.http(a, terms);
    expect(other.http(a, terms)).toBe(balancer);
    held.retain(new Set());
    expect(balancer.size).toBe(1);
    other.retain(new Set());
    expect(balancer.size).toBe(0);
    expect(held.http(a, terms)).not.toBe(balancer);
  });
});
