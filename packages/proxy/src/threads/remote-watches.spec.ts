import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InboundServerPolicies, type Server, ServerSchema } from '@weft/proto/inbound';
import { fakeWatches } from '../discovery/watch/watch.builder.ts';
import { Link } from './link.ts';
import type { ToMain, ToWorker } from './messages.ts';
import { RemoteWatches, serveWatches } from './remote-watches.ts';

const channel = new MessageChannel();
afterEach(() => channel.port1.close());

describe('what a worker follows', () => {
  it('is asked for, told, and given up by way of the main thread', async () => {
    const fakes = fakeWatches();
    const main = new Link<ToMain, ToWorker>(channel.port1);
    const worker = new Link<ToWorker, ToMain>(channel.port2);
    serveWatches(main, { destination: fakes.watches, policy: fakes.watches });
    const { clock, log, metrics } = fakes.context;
    const watches = new RemoteWatches(worker).of('policy', { clock, log, metrics });
    const heard: unknown[] = [];
    const follow = (port: number) =>
      watches.follow({
        kind: 'inbound_policy',
        name: `port ${port}`,
        method: InboundServerPolicies.method.watchPort,
        request: { workload: 'w', port },
        terminal: [3],
        onMessage: ({ labels }: Server, first) => heard.push([port, labels.name, first]),
        onTerminal: ({ code, message }) => heard.push([port, code, message]),
      });
    /** Until what was sent before has been heard at both ends. */
    const settled = async () => {
      const [there, back] = [main.next('built'), worker.next('accept')];
      worker.post({ kind: 'built' });
      await there;
      main.post({ kind: 'accept' });
      await back;
    };
    const stop = follow(80);
    follow(81);
    await settled();
    expect(fakes.client.streams.map(({ request }) => request)).toMatchObject([
      { workload: 'w', port: 80 },
      { workload: 'w', port: 81 },
    ]);
    const [first, second] = fakes.client.streams;
    first.send(ServerSchema, { labels: { name: 'a' } });
    second.end(3, 'no such port');
    await settled();
    expect(heard).toEqual([
      [80, 'a', true],
      [81, 3, 'no such port'],
    ]);
    stop();
    first.send(ServerSchema, { labels: { name: 'late' } });
    await settled();
    expect([heard.length, first.open]).toEqual([2, false]);
  });
});
