import { describe, expect, it } from '@jest/globals';
import { systemClock } from './clock.ts';

describe('the system clock', () => {
  it('ends a sleep, even one longer than a timer can hold, with the signal', async () => {
    const stop = new AbortController();
    const asleep = systemClock.sleep(Number.MAX_SAFE_INTEGER, stop.signal);
    await systemClock.sleep(1, new AbortController().signal);
    stop.abort(new Error('stop'));
    await expect(asleep).rejects.toThrow('stop');
    await expect(systemClock.sleep(1, stop.signal)).rejects.toThrow('stop');
  });
});
