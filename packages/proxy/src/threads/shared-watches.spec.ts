import { beforeEach, describe, expect, it } from '@jest/globals';
import { Destination, type Update, UpdateSchema } from '@weft/proto/destination';
import { InboundServerPolicies, type Server, ServerSchema } from '@weft/proto/inbound';
import { EndpointSet } from '../discovery/endpoint-set.ts';
import { add, noEndpoints, remove, type UpdateInit } from '../discovery/update.builder.ts';
import { type FakeWatches, fakeWatches } from '../discovery/watch/watch.builder.ts';
import { SharedWatches } from './shared-watches.ts';

let fakes: FakeWatches;
let shared: SharedWatches;
beforeEach(() => {
  fakes = fakeWatches();
  shared = new SharedWatches(fakes.watches);
});

/** Somebody who follows the policy of a port. */
function followPort(port = 80) {
  const heard: [name: string | undefined, first: boolean][] = [];
  const refused: number[] = [];
  const stop = shared.follow({
    kind: 'inbound_policy',
    name: `port ${port}`,
    method: InboundServerPolicies.method.watchPort,
    request: { workload: 'w', port },
    terminal: [3],
    onMessage: (message: Server, first) => heard.push([message.labels.name, first]),
    onTerminal: ({ code }) => refused.push(code),
  });
  return { heard, refused, stop };
}

/** Somebody who follows the endpoints of a service. */
function followEndpoints() {
  const endpoints = new EndpointSet(100);
  const stop = shared.follow({
    kind: 'endpoints',
    name: 'web:80',
    method: Destination.method.get,
    request: { path: 'web:80' },
    terminal: [3],
    onMessage: (message: Update, first) => {
      if (first) endpoints.restart();
      endpoints.apply(message);
    },
    onTerminal() {},
  });
  const known = () =>
    endpoints.current?.map(({ ip, port, labels }) => [`${ip}:${port}`, Object.fromEntries(labels)]).sort() ??
    null;
  return { known, stop };
}

const tellPort = (name: string) => fakes.client.last('WatchPort').send(ServerSchema, { labels: { name } });
const tellEndpoints = (...updates: UpdateInit[]) => {
  for (const update of updates) fakes.client.last('Get').send(UpdateSchema, update);
};

describe('a watch that threads share', () => {
  it('is one stream, which ends with the last who follows', () => {
    const followers = [followPort(), followPort(), followPort(81)];
    expect(fakes.client.streams).toHaveLength(2);
    followers[0].stop();
    expect(fakes.client.streams[0].open).toBe(true);
    followers[1].stop();
    expect(fakes.client.streams.map(({ open }) => open)).toEqual([false, true]);
    followPort();
    expect(fakes.client.streams).toHaveLength(3);
  });

  it('tells all of them what comes, and those that come later what is known', () => {
    const early = followPort();
    tellPort('a');
    tellPort('b');
    const late = followPort();
    expect(late.heard).toEqual([['b', true]]);
    tellPort('c');
    expect(early.heard.map(([name]) => name)).toEqual(['a', 'b', 'c']);
    expect(late.heard.map(([name]) => name)).toEqual(['b', 'c']);
  });

  it('says which message begins a new stream', () => {
    const { heard } = followPort();
    tellPort('a');
    fakes.client.last('WatchPort').end(14);
    fakes.clock.advance(1000);
    tellPort('b');
    expect(heard).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });

  it('tells nothing to those that have left', () => {
    const [gone, here] = [followPort(), followPort()];
    gone.stop();
    tellPort('a');
    expect([gone.heard, here.heard]).toEqual([[], [['a', true]]]);
  });

  it('tells all of them when there is nothing more to say; who asks again asks anew', () => {
    const [a, b] = [followPort(), followPort()];
    fakes.client.last('WatchPort').end(3);
    expect([a.refused, b.refused]).toEqual([[3], [3]]);
    followPort();
    expect(fakes.client.streams).toHaveLength(2);
    a.stop();
    expect(fakes.client.last('WatchPort').open).toBe(true);
  });
});

describe('endpoints that threads share', () => {
  const three: UpdateInit[] = [
    add(['10.0.0.1:80', '10.0.0.2:80'], { zone: 'a' }),
    add(['10.0.0.3:80'], { zone: 'b' }),
  ];

  it.each<[string, UpdateInit[]]>([
    ['sets of different labels', three],
    ['some that have gone', [...three, remove('10.0.0.2:80', '10.0.0.9:80')]],
    ['one that has other labels now', [...three, add(['10.0.0.1:80'], { zone: 'b' })]],
    ['none any more', [...three, noEndpoints(true)]],
    ['none, one by one', [...three, remove('10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80')]],
    ['none from the start', [noEndpoints(false)]],
    ['nothing yet', []],
    ['nothing but what went before it came', [remove('10.0.0.1:80')]],
  ])('are told to those that come later as to those that were there: %s', (_, updates) => {
    const early = followEndpoints();
    tellEndpoints(...updates);
    const late = followEndpoints();
    expect(late.known()).toEqual(early.known());
    tellEndpoints(add(['10.0.0.4:80']), remove('10.0.0.1:80'));
    expect(late.known()).toEqual(early.known());
  });

  it('are those of the newest stream', () => {
    const early = followEndpoints();
    tellEndpoints(...three);
    fakes.client.last('Get').end(14);
    fakes.clock.advance(1000);
    tellEndpoints(add(['10.0.0.7:80']));
    const late = followEndpoints();
    expect(early.known()).toEqual([['10.0.0.7:80', {}]]);
    expect(late.known()).toEqual(early.known());
  });
});
