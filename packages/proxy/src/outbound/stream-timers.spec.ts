import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../balance/balancer.builder.ts';
import { type StreamLimits, StreamTimers } from './stream-timers.ts';

function timers(over: Partial<StreamLimits>) {
  const clock = new FakeClock();
  const passed: string[] = [];
  const limits = { requestMs: null, responseMs: null, idleMs: null, ...over };
  const watch = new StreamTimers(limits, clock, (limit, ms) => passed.push(`${limit} ${ms}`));
  return { clock, passed, watch };
}

describe('the request limit', () => {
  it('covers the whole exchange, whatever moves', () => {
    const { clock, passed, watch } = timers({ requestMs: 100 });
    watch.requestEnded();
    watch.responseStarted();
    clock.advance(99);
    watch.frame();
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual(['request 100']);
  });
});

describe('the response limit', () => {
  it('runs from the end of the request', () => {
    const { clock, passed, watch } = timers({ responseMs: 100 });
    clock.advance(1000);
    watch.requestEnded();
    clock.advance(99);
    watch.responseStarted();
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual(['response 100']);
  });

  it('or from the head of the response, when that comes first', () => {
    const { clock, passed, watch } = timers({ responseMs: 100 });
    watch.responseStarted();
    clock.advance(60);
    watch.requestEnded();
    clock.advance(40);
    expect(passed).toEqual(['response 100']);
  });
});

describe('the idle limit', () => {
  it('passes when the body of the request stalls', () => {
    const { clock, passed, watch } = timers({ idleMs: 100 });
    clock.advance(60);
    watch.frame();
    clock.advance(60);
    expect(passed).toEqual([]);
    clock.advance(40);
    expect(passed).toEqual(['idle 100']);
  });

  it('does not run while only the head is awaited', () => {
    const { clock, passed, watch } = timers({ idleMs: 100 });
    watch.requestEnded();
    clock.advance(1000);
    expect(passed).toEqual([]);
    watch.responseStarted();
    clock.advance(99);
    expect(passed).toEqual([]);
    clock.advance(1);
    expect(passed).toEqual(['idle 100']);
  });

  it('goes on over the end of a request that was answered early', () => {
    const { clock, passed, watch } = timers({ idleMs: 100 });
    watch.responseStarted();
    watch.requestEnded();
    clock.advance(100);
    expect(passed).toEqual(['idle 100']);
  });
});

describe('stopped timers', () => {
  it('tell nothing any more', () => {
    const { clock, passed, watch } = timers({ requestMs: 10, responseMs: 10, idleMs: 10 });
    watch.requestEnded();
    watch.responseStarted();
    watch.stop();
    clock.advance(100);
    expect(passed).toEqual([]);
  });
});
