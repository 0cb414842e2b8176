import { describe, expect, it } from '@jest/globals';
import type { ClusterEvent } from './cluster-event.ts';
import { EventCorrelator } from './event-correlator.ts';

const limits = { remembered: 3, burst: 100, refillMs: 1000, distinct: 2, windowMs: 10_000 };
const event = (message: string, name = 'web'): ClusterEvent => ({
  about: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name },
  type: 'Normal',
  reason: 'Issued',
  message,
});

describe('the correlator', () => {
  it('tells the first from its repetitions, and counts them', () => {
    const correlator = new EventCorrelator(limits);
    expect(correlator.correlate(event('a'), 5)).toMatchObject({ type: 'first', entry: { count: 1 } });
    expect(correlator.correlate(event('a'), 9)).toMatchObject({
      type: 'repeated',
      entry: { count: 2, firstAt: 5, lastAt: 9 },
    });
    expect(correlator.correlate(event('b'), 9).type).toBe('first');
    expect(correlator.correlate(event('a', 'api'), 9).type).toBe('first');
  });

  it('combines many different messages of one reason about one object', () => {
    const correlator = new EventCorrelator(limits);
    for (const message of ['a', 'b']) correlator.correlate(event(message), 0);
    expect(correlator.correlate(event('c'), 1)).toMatchObject({
      type: 'first',
      entry: { event: { message: '(combined from similar events): c' } },
    });
    expect(correlator.correlate(event('d'), 2)).toMatchObject({ type: 'repeated', entry: { count: 2 } });
    expect(correlator.correlate(event('a'), 3)).toMatchObject({ entry: { event: { message: 'a' } } });
    expect(correlator.correlate(event('e'), 20_000)).toMatchObject({ entry: { event: { message: 'e' } } });
  });

  it('suppresses what is too much about one object, and allows more with time', () => {
    const correlator = new EventCorrelator({ ...limits, burst: 2 });
    const types = (now: number) => [0, 1].map(() => correlator.correlate(event('a'), now).type);
    expect([...types(0), ...types(0)]).toEqual(['first', 'repeated', 'suppressed', 'suppressed']);
    expect(correlator.correlate(event('a', 'api'), 0).type).toBe('first');
    expect(types(1000)).toEqual(['repeated', 'suppressed']);
  });

  it('remembers a bounded number, those used last', () => {
    const correlator = new EventCorrelator(limits);
    for (const name of ['a', 'b', 'c', 'a', 'd']) correlator.correlate(event('x', name), 0);
    expect(correlator.correlate(event('x', 'a'), 0).type).toBe('repeated');
    expect(correlator.correlate(event('x', 'b'), 0).type).toBe('first');
  });
});
