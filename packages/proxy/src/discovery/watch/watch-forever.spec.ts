import { describe, expect, it } from '@jest/globals';
import { InboundServerPolicies, type Server, ServerSchema } from '@weft/proto/inbound';
import { fakeWatches } from './watch.builder.ts';
import { watchForever } from './watch-forever.ts';

function watching() {
  const fakes = fakeWatches();
  const messages: [string | undefined, boolean][] = [];
  const terminal: number[] = [];
  const stop = watchForever(fakes.context, {
    kind: 'inbound_policy',
    name: 'port 80',
    method: InboundServerPolicies.method.watchPort,
    request: { port: 80 },
    terminal: [3],
    onMessage: (message: Server, first) => messages.push([message.labels.name, first]),
    onTerminal: ({ code }) => terminal.push(code),
  });
  const send = (name: string) => fakes.client.last('WatchPort').send(ServerSchema, { labels: { name } });
  return { ...fakes, stop, messages, terminal, send, streams: fakes.client.streams };
}

describe('a watch', () => {
  it('opens one stream and says which message came first on it', () => {
    const { streams, messages, send, clock } = watching();
    send('a');
    send('b');
    expect(streams).toHaveLength(1);
    streams[0].end(14);
    clock.advance(100);
    send('c');
    expect(messages).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });

  it('opens another after the backoff, which doubles and has its bound', () => {
    const { streams, clock } = watching();
    for (const delay of [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]) {
      const before = streams.length;
      streams[before - 1].end(14);
      clock.advance(delay - 1);
      expect(streams).toHaveLength(before);
      clock.advance(1);
      expect(streams).toHaveLength(before + 1);
    }
  });

  it('adds jitter', () => {
    const { streams, clock } = watching();
    clock.rolls = [0.5];
    streams[0].end(14);
    clock.advance(104);
    expect(streams).toHaveLength(1);
    clock.advance(1);
    expect(streams).toHaveLength(2);
  });

  it('starts the backoff over with a message', () => {
    const { streams, clock, send } = watching();
    for (const delay of [100, 200]) {
      streams.at(-1)?.end(14);
      clock.advance(delay);
    }
    send('a');
    streams.at(-1)?.end(14);
    clock.advance(100);
    expect(streams).toHaveLength(4);
  });

  it('opens another also when the stream ends in good order', () => {
    const { streams, clock } = watching();
    streams[0].end(0);
    clock.advance(100);
    expect(streams).toHaveLength(2);
  });

  it('is soon back once the service can be reached again, but not all at the same moment', () => {
    const { streams, clock, reachable } = watching();
    for (let failures = 0; failures < 7; failures++) {
      streams.at(-1)?.end(14);
      if (failures < 6) clock.advance(10_000);
    }
    expect(streams).toHaveLength(7);
    clock.rolls = [0.3];
    reachable();
    clock.advance(299);
    expect(streams).toHaveLength(7);
    clock.advance(1);
    expect(streams).toHaveLength(8);
    clock.advance(60_000);
    expect(streams).toHaveLength(8);
  });

  it('keeps to its backoff where that ends sooner, and to its stream while that is open', () => {
    const { streams, clock, reachable } = watching();
    reachable();
    clock.advance(5000);
    expect(streams).toHaveLength(1);
    streams[0].end(14);
    clock.rolls = [0.9];
    reachable();
    clock.advance(100);
    expect(streams).toHaveLength(2);
    clock.advance(5000);
    expect(streams).toHaveLength(2);
  });

  it('gives up at a terminal status', () => {
    const { streams, clock, terminal } = watching();
    streams[0].end(3, 'no such thing');
    clock.advance(100_000);
    expect([terminal, streams.length]).toEqual([[3], 1]);
  });

  it('stops: the stream is cancelled and nothing is heard of it any more', () => {
    const { streams, stop, messages, send, clock } = watching();
    stop();
    expect(streams[0].signal.aborted).toBe(true);
    send('late');
    streams[0].end(14);
    clock.advance(100_000);
    expect([messages, streams.length]).toEqual([[], 1]);
  });

  it('stops while it waits to try again', () => {
    const { streams, stop, clock } = watching();
    streams[0].end(14);
    stop();
    clock.advance(100_000);
    expect(streams).toHaveLength(1);
  });

  it('ignores what an ended stream still says', () => {
    const { streams, messages, clock } = watching();
    streams[0].end(14);
    streams[0].send(ServerSchema, {});
    streams[0].end(14);
    clock.advance(100);
    expect([messages, streams.length]).toEqual([[], 2]);
  });

  it('warns once in a row of failures, naming the watch and the cause', () => {
    const { streams, clock, log } = watching();
    streams[0].end(14, 'connection refused');
    clock.advance(100);
    streams[1].end(14, 'connection refused');
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({
        fields: expect.objectContaining({
          name: 'port 80',
          status: 'UNAVAILABLE',
          reason: 'connection refused',
        }),
      }),
    ]);
  });

  it('counts ends, and shows how stale its state is', () => {
    const { streams, clock, registry, send, stop } = watching();
    const shown = (name: string) =>
      registry
        .render(0)
        .split('\n')
        .find((line) => line.startsWith(`${name}{kind="inbound_policy"`));
    send('a');
    clock.advance(5000);
    expect(shown('control_watch_stale_seconds')).toMatch(/ 0$/);
    streams[0].end(14);
    clock.advance(5000);
    expect(shown('control_watch_stale_seconds')).toMatch(/ 5$/);
    expect(shown('control_watches')).toMatch(/ 1$/);
    expect(shown('control_watch_stream_ends_total')).toMatch(/grpc_status="UNAVAILABLE"} 1$/);
    send('b');
    expect(shown('control_watch_stale_seconds')).toMatch(/ 0$/);
    stop();
    expect(shown('control_watches')).toMatch(/ 0$/);
  });
});
