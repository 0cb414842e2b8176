import { describe, expect, it } from '@jest/globals';
import { InboundServerPolicies, ServerSchema } from '@weft/proto/inbound';
import { fakeWatches } from '../discovery/watch/watch.builder.ts';
import { watchForever } from '../discovery/watch/watch-forever.ts';
import { describeWatches } from './describe-watches.ts';

function watching() {
  const fakes = fakeWatches();
  const stop = watchForever(fakes.context, {
    kind: 'inbound_policy',
    name: 'port 80',
    method: InboundServerPolicies.method.watchPort,
    request: { port: 80 },
    terminal: [3],
    onMessage() {},
    onTerminal() {},
  });
  const state = () => describeWatches(fakes.context.metrics.watches, fakes.clock.now());
  return { ...fakes, stop, state, stream: () => fakes.client.last('WatchPort') };
}

describe('what is watched', () => {
  it('is waited for, then current, then stale, and current again', () => {
    const { clock, state, stream } = watching();
    const only = () => state().shown[0];
    expect(only()).toEqual({
      kind: 'inbound_policy',
      name: 'port 80',
      state: 'waiting',
      messages: 0,
      openForSeconds: 0,
    });
    clock.advance(1000);
    stream().send(ServerSchema, {});
    clock.advance(500);
    expect(only()).toMatchObject({ state: 'current', messages: 1, lastMessageSecondsAgo: 0.5 });
    stream().end(14, 'restarting');
    clock.advance(2000);
    expect(only()).toMatchObject({
      state: 'stale',
      openForSeconds: 3.5,
      lastMessageSecondsAgo: 2.5,
      withoutStreamSeconds: 2,
      lastEnd: 'UNAVAILABLE restarting',
    });
    stream().send(ServerSchema, {});
    expect(only()).toMatchObject({ state: 'current', messages: 2, lastMessageSecondsAgo: 0 });
    expect(only()).not.toHaveProperty('withoutStreamSeconds');
  });

  it('is unanswered when streams end without a word', () => {
    const { state, stream } = watching();
    stream().end(14);
    expect(state().shown[0]).toMatchObject({ state: 'unanswered', lastEnd: 'UNAVAILABLE' });
  });

  it('is gone when it is no longer', () => {
    const { state, stop } = watching();
    expect(state().total).toBe(1);
    stop();
    expect(state().total).toBe(0);
  });
});
