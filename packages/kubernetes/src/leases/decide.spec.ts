import { describe, expect, it } from '@jest/globals';
import { decide } from './decide.ts';

const lease = (holder: string) => ({ holder, durationMs: 30_000, transitions: 1, resourceVersion: '5' });

describe('a candidate', () => {
  it('makes the lease when there is none, and renews its own', () => {
    expect(decide(undefined, 'me', 0)).toEqual({ type: 'create' });
    expect(decide(lease('me'), 'me', 60_000)).toEqual({ type: 'renew' });
  });

  it('takes a lease that was given back, or that nobody has renewed for its whole duration', () => {
    expect(decide(lease(''), 'me', 0)).toEqual({ type: 'take' });
    expect(decide(lease('other'), 'me', 30_000)).toEqual({ type: 'take' });
  });

  it('waits for the rest of the duration otherwise', () => {
    expect(decide(lease('other'), 'me', 29_000)).toEqual({ type: 'wait', ms: 1_000 });
  });
});
