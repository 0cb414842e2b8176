import { describe, expect, it } from '@jest/globals';
import { BreakerBench, backoff, consecutive, times, unified } from './breaker.builder.ts';

describe('an endpoint that fails in a row', () => {
  it('is left alone after so many failures, and not before', () => {
    const bench = new BreakerBench(consecutive(3));
    bench.fare('failure', 'failure', 'success', 'failure', 'failure');
    expect(bench.breaker.admits).toBe(true);
    bench.fare('failure');
    expect([bench.breaker.admits, bench.states]).toEqual([false, ['shut']]);
  });

  it.each(['success', 'limited'] as const)('has its row broken by a %s', (outcome) => {
    const bench = new BreakerBench(consecutive(2));
    expect(bench.fare('failure', outcome, 'failure').breaker.admits).toBe(true);
  });

  it('is not judged by requests whose client has left', () => {
    const bench = new BreakerBench(consecutive(2));
    expect(bench.fare('failure', null, 'failure').breaker.admits).toBe(false);
  });

  it('is never left alone when none are too many', () => {
    const bench = new BreakerBench(consecutive(0));
    expect(bench.fare(...times(50, 'failure' as const)).breaker.admits).toBe(true);
  });
});

describe('an endpoint that is left alone', () => {
  it('takes a single request after a while, which decides', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    bench.clock.advance(999);
    expect(bench.breaker.admits).toBe(false);
    bench.clock.advance(1);
    expect(bench.breaker.admits).toBe(true);
    expect(bench.breaker.admit()).toBe(true);
    expect(bench.breaker.admits).toBe(false);
    bench.breaker.record('success', true);
    expect(bench.states).toEqual(['shut', 'probation', 'probing', 'open']);
  });

  it('is left alone for longer each time the probe fails, up to a bound', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    for (const wait of [1000, 2000, 4000, 8000, 8000]) {
      bench.clock.advance(wait - 1);
      expect(bench.breaker.state).toBe('shut');
      bench.clock.advance(1);
      expect(bench.breaker.state).toBe('probation');
      bench.fare('failure');
    }
  });

  it('begins with the shortest wait again once it was well', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    bench.clock.advance(1000);
    bench.fare('failure');
    bench.clock.advance(2000);
    bench.fare('success', 'failure');
    bench.clock.advance(1000);
    expect(bench.breaker.state).toBe('probation');
  });

  it('waits for up to a share longer, by chance', () => {
    const bench = new BreakerBench(consecutive(1, { jitter: 0.5 }));
    bench.clock.rolls = [0.8];
    bench.fare('failure');
    bench.clock.advance(1399);
    expect(bench.breaker.state).toBe('shut');
    bench.clock.advance(1);
    expect(bench.breaker.state).toBe('probation');
  });

  it('is not judged by what was sent before', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    bench.breaker.record('success', false);
    bench.clock.advance(1000);
    bench.breaker.record('success', false);
    expect(bench.breaker.state).toBe('probation');
    bench.breaker.admit();
    bench.breaker.record('failure', false);
    expect(bench.breaker.state).toBe('probing');
  });

  it('takes another probe when the client of the first has left', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    bench.clock.advance(1000);
    bench.fare(null);
    expect(bench.breaker.state).toBe('probation');
    expect(bench.fare('success').breaker.state).toBe('open');
  });

  it('leaves no timer behind when it is given up', () => {
    const bench = new BreakerBench(consecutive(1)).fare('failure');
    bench.breaker.close();
    bench.clock.advance(10_000);
    expect(bench.states).toEqual(['shut']);
  });
});

describe('an endpoint with too small a share of good answers', () => {
  it('is left alone once there are enough answers to tell', () => {
    const bench = new BreakerBench(unified());
    bench.fare('failure', 'failure', 'failure', 'failure');
    expect(bench.breaker.admits).toBe(true);
    expect(bench.fare('failure').breaker.admits).toBe(false);
  });

  it('is left alone below the threshold, not at it', () => {
    const bench = new BreakerBench(unified());
    bench.fare(...times(8, 'success' as const), 'failure', 'failure');
    expect(bench.breaker.admits).toBe(true);
    expect(bench.fare('failure').breaker.admits).toBe(false);
  });

  it('may be one that asks for less', () => {
    expect(new BreakerBench(unified()).fare(...times(5, 'limited' as const)).breaker.admits).toBe(false);
  });

  it('is judged by the last window alone', () => {
    const bench = new BreakerBench(unified());
    bench.fare(...times(4, 'failure' as const));
    bench.clock.advance(10_000);
    bench.fare(...times(4, 'success' as const), 'failure');
    expect(bench.breaker.admits).toBe(true);
  });

  it('has old answers fall off a tenth of the window at a time', () => {
    const bench = new BreakerBench(unified({ minRequests: 10, successRateThreshold: 0.5 }));
    bench.fare(...times(4, 'failure' as const));
    bench.clock.advance(5000);
    bench.fare(...times(5, 'success' as const));
    bench.clock.advance(4999);
    // 4 bad ones of 10 are still there; at 10 seconds they are not.
    bench.fare('failure');
    expect(bench.breaker.admits).toBe(true);
    bench.clock.advance(1);
    bench.fare(...times(4, 'failure' as const));
    expect(bench.breaker.admits).toBe(true);
    expect(bench.fare('failure').breaker.admits).toBe(false);
  });

  it('is left alone for a row of failures, too, however few', () => {
    const bench = new BreakerBench(unified({ maxConsecutiveFailures: 2 }));
    bench.fare('success', 'failure', 'limited', 'failure');
    expect(bench.breaker.admits).toBe(true);
    expect(bench.fare('failure').breaker.admits).toBe(false);
  });

  it('is not well again while it asks for less', () => {
    const bench = new BreakerBench(unified({ maxConsecutiveFailures: 1 })).fare('failure');
    bench.clock.advance(1000);
    expect(bench.fare('limited').breaker.state).toBe('shut');
    bench.clock.advance(2000);
    expect(bench.fare('success').breaker.state).toBe('open');
  });

  it('starts anew once it is well again', () => {
    const bench = new BreakerBench(unified()).fare(...times(5, 'failure' as const));
    bench.clock.advance(1000);
    bench.fare('success', ...times(4, 'failure' as const));
    expect(bench.breaker.admits).toBe(true);
  });

  it('does not matter where the threshold is 0', () => {
    const bench = new BreakerBench(unified({ successRateThreshold: 0, maxConsecutiveFailures: 3 }));
    bench.fare(...times(20, 'limited' as const), 'failure', 'failure');
    expect(bench.breaker.admits).toBe(true);
    bench.fare('failure');
    bench.clock.advance(1000);
    expect(bench.fare('limited').breaker.state).toBe('open');
  });
});

describe("an endpoint's own wish to be left alone", () => {
  const heeding = (over = {}) =>
    new BreakerBench({ ...consecutive(1, { ...backoff, respectRetryAfter: true, ...over }) });

  it('makes the first wait longer, by what is left of it', () => {
    const bench = heeding();
    bench.breaker.hint(5000);
    bench.clock.advance(1000);
    bench.fare('failure');
    bench.clock.advance(3999);
    expect(bench.breaker.state).toBe('shut');
    bench.clock.advance(1);
    expect(bench.breaker.state).toBe('probation');
    bench.fare('failure');
    bench.clock.advance(2000);
    expect(bench.breaker.state).toBe('probation');
  });

  it.each([
    ['an hour', 3_600_000, 8000],
    ['a moment', 1, 1000],
  ])('of %s is held within the bounds of the policy', (_what, hint, wait) => {
    const bench = heeding();
    bench.breaker.hint(hint);
    bench.fare('failure');
    bench.clock.advance(wait - 1);
    expect(bench.breaker.state).toBe('shut');
    bench.clock.advance(1);
    expect(bench.breaker.state).toBe('probation');
  });
});
