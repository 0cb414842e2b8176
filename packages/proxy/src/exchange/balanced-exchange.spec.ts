import { describe, expect, it } from '@jest/globals';
import { getHeader } from '../http/headers.ts';
import { BalancedBench } from './balanced-exchange.builder.ts';
import { responseHead } from './exchange.builder.ts';

const proxyError = (downstream: { head: { headers: string[] } | null }) =>
  getHeader(downstream.head?.headers ?? [], 'l5d-proxy-error');

describe('a balanced exchange', () => {
  it('goes to an endpoint that is ready at once', () => {
    const bench = new BalancedBench();
    const { exchange } = bench.send();
    expect(bench.client.events).toEqual(['GET / ended']);
    expect(exchange.endpoint).toBe(bench.endpoint);
  });

  it('counts as load until the first frame of its answer, whose time is the sample', () => {
    const bench = new BalancedBench();
    const { exchange } = bench.send();
    expect(bench.endpoint.pending).toBe(1);
    bench.clock.advance(100);
    exchange.onResponseHead(responseHead(), false);
    expect(bench.endpoint.pending).toBe(1);
    bench.clock.advance(400);
    exchange.onResponseData(Buffer.from('first'));
    expect(bench.endpoint.pending).toBe(0);
    expect(bench.load).toBe(500);
    exchange.onResponseEnd(null);
    expect(bench.endpoint.pending).toBe(0);
  });

  it('that is given up counts no more, and is no sample', () => {
    const bench = new BalancedBench();
    const { exchange } = bench.send();
    bench.clock.advance(1000);
    exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    expect(bench.endpoint.pending).toBe(0);
    expect(bench.load).toBeLessThan(30);
  });

  it('that fails counts no more, and is no sample', () => {
    const bench = new BalancedBench();
    const { exchange, downstream } = bench.send();
    bench.clock.advance(1000);
    exchange.onResponseReset({ kind: 'io', error: new Error('broken pipe') });
    expect(downstream.head?.status).toBe(502);
    expect(bench.endpoint.pending).toBe(0);
    expect(bench.load).toBeLessThan(30);
  });

  it('waits while no endpoint is ready, and goes on when one is', () => {
    const bench = new BalancedBench({ ready: false });
    const { downstream } = bench.send();
    expect(bench.client.events).toEqual([]);
    bench.becomeReady();
    expect(bench.client.events).toEqual(['GET / ended']);
    bench.clock.advance(10_000);
    expect(downstream.events).toEqual([]);
  });

  it('fails with 504 when it has waited too long; what comes after it does not wait', () => {
    const bench = new BalancedBench({ ready: false });
    const waiting = bench.send();
    bench.clock.advance(3000);
    const late = bench.send();
    expect(waiting.downstream.events).toEqual(['close-after', 'head 504 ended']);
    expect(proxyError(waiting.downstream)).toBe('service in fail-fast');
    expect(late.downstream.events).toEqual(['close-after', 'head 503 ended']);
    expect(proxyError(late.downstream)).toBe('service unavailable');
    expect(bench.client.events).toEqual([]);
  });

  it('is shed with 503 when too many wait', () => {
    const bench = new BalancedBench({ ready: false, queueCapacity: 1 });
    bench.send();
    const { downstream } = bench.send();
    expect(downstream.events).toEqual(['close-after', 'head 503 ended']);
    expect(proxyError(downstream)).toBe('service unavailable');
  });

  it('that is given up while it waits leaves its place, and never reaches the endpoint', () => {
    const bench = new BalancedBench({ ready: false, queueCapacity: 1 });
    const { exchange } = bench.send();
    exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    bench.send();
    bench.becomeReady();
    expect(bench.client.events).toEqual(['GET / ended']);
    expect(bench.endpoint.pending).toBe(1);
  });

  it('without a balancer is unavailable', () => {
    const { downstream } = new BalancedBench().send(null);
    expect(downstream.head?.status).toBe(503);
  });
});
