import { describe, expect, it } from '@jest/globals';
import type { Endpoint } from '@weft/policy';
import { UpdateSchema } from '@weft/proto/destination';
import type { EndpointListener } from '../outbound/ports.ts';
import { EndpointResolver } from './endpoint-resolver.ts';
import { add, noEndpoints, remove, tcpAddress, type UpdateInit } from './update.builder.ts';
import { fakeWatches } from './watch/watch.builder.ts';

const path = 'orders.shop.svc.cluster.local:80';
const name = ({ ip, port }: { ip: string; port: number }) => `${ip}:${port}`;

class Recorder implements EndpointListener {
  readonly calls: string[] = [];
  endpoints: readonly Endpoint[] = [];

  onReset(endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
    this.calls.push(`reset ${endpoints.map(name)}`);
  }
  onAdd(endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
    this.calls.push(`add ${endpoints.map(name)}`);
  }
  onRemove(addresses: readonly { ip: string; port: number }[]): void {
    this.calls.push(`remove ${addresses.map(name)}`);
  }
  onRejected(reason: string): void {
    this.calls.push(`rejected: ${reason}`);
  }
}

function resolving() {
  const fakes = fakeWatches();
  const resolver = new EndpointResolver(fakes.watches, '{"ns":"shop"}\n');
  const listener = new Recorder();
  const stop = resolver.resolve(path, listener);
  const send = (...updates: UpdateInit[]) => {
    for (const update of updates) fakes.client.last('Get').send(UpdateSchema, update);
  };
  const reconnect = () => {
    fakes.client.last('Get').end(14);
    fakes.clock.advance(60_000);
  };
  return { ...fakes, resolver, listener, stop, send, reconnect };
}

describe('resolving endpoints', () => {
  it('asks for the path as it is, with the context token', () => {
    expect(resolving().client.last('Get').request).toEqual({ path, contextToken: '{"ns":"shop"}\n' });
  });

  it('tells the whole set first, then differences', () => {
    const { send, listener } = resolving();
    send(add(['10.0.0.1:80', '10.0.0.2:80']), add(['10.0.0.3:80']), remove('10.0.0.1:80'));
    expect(listener.calls).toEqual([
      'reset 10.0.0.1:80,10.0.0.2:80',
      'add 10.0.0.3:80',
      'remove 10.0.0.1:80',
    ]);
  });

  it.each([true, false])('empties the set when there are no endpoints (exists: %s)', (exists) => {
    const { send, listener } = resolving();
    send(noEndpoints(exists), add(['10.0.0.1:80']), noEndpoints(exists));
    expect(listener.calls).toEqual(['reset ', 'add 10.0.0.1:80', 'reset ']);
  });

  it('keeps the set over a reconnection, until the new stream tells its own', () => {
    const { send, listener, reconnect, resolver } = resolving();
    send(add(['10.0.0.1:80', '10.0.0.2:80']));
    reconnect();
    const late = new Recorder();
    resolver.resolve(path, late);
    expect(late.calls).toEqual(['reset 10.0.0.1:80,10.0.0.2:80']);
    send(remove('10.0.0.1:80'), add(['10.0.0.2:80', '10.0.0.3:80']), add(['10.0.0.4:80']));
    expect(listener.calls.slice(1)).toEqual(['reset 10.0.0.2:80,10.0.0.3:80', 'add 10.0.0.4:80']);
  });

  it('skips addresses that are none, and updates left without any', () => {
    const { send, listener, reconnect } = resolving();
    const bad = { addr: { ...tcpAddress('10.0.0.9:80'), port: 0 } };
    send(add(['10.0.0.1:80']));
    reconnect();
    send({ update: { case: 'add', value: { addrs: [bad, {}] } } }, {}, remove('10.0.0.1:80'));
    send({ update: { case: 'add', value: { addrs: [bad, { addr: tcpAddress('10.0.0.2:80') }] } } });
    send(remove('10.0.0.7:80'));
    expect(listener.calls.slice(1)).toEqual(['reset 10.0.0.2:80']);
  });

  it('labels endpoints with those of their set', () => {
    const { send, listener } = resolving();
    send(add(['10.0.0.1:80'], { service: 'orders' }));
    expect([...(listener.endpoints[0]?.labels ?? [])]).toEqual([['dst_service', 'orders']]);
  });

  it('asks once for all who want the same, and stops with the last of them', () => {
    const { send, resolver, client, stop } = resolving();
    send(add(['10.0.0.1:80']));
    const second = new Recorder();
    const stopSecond = resolver.resolve(path, second);
    expect([client.streams.length, second.calls]).toEqual([1, ['reset 10.0.0.1:80']]);
    stop();
    stop();
    expect(client.streams[0].open).toBe(true);
    stopSecond();
    expect(client.streams[0].open).toBe(false);
    resolver.resolve(path, new Recorder());
    expect(client.streams).toHaveLength(2);
  });

  it('tells nobody who has stopped listening', () => {
    const { send, resolver, stop, listener } = resolving();
    resolver.resolve(path, new Recorder());
    stop();
    send(add(['10.0.0.1:80']));
    expect(listener.calls).toEqual([]);
  });

  it.each([3, 9])('is over when the service refuses with %d, also for those who ask later', (code) => {
    const { client, listener, resolver, clock } = resolving();
    client.last('Get').end(code, 'no such thing');
    clock.advance(100_000);
    const late = new Recorder();
    resolver.resolve(path, late);
    expect([listener.calls, late.calls, client.streams.length]).toEqual([
      [`rejected: the destination service refuses ${path}: no such thing`],
      [`rejected: the destination service refuses ${path}: no such thing`],
      1,
    ]);
  });

  it.each([0, 5, 14])('asks again after status %d', (code) => {
    const { client, clock } = resolving();
    client.last('Get').end(code);
    clock.advance(1000);
    expect(client.streams).toHaveLength(2);
  });
});
