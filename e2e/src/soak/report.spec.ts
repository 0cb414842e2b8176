import { describe, expect, it } from '@jest/globals';
import type { Sample } from './memory.ts';
import { bars, failuresOf, judge, render } from './report.ts';
import type { Traffic } from './traffic.ts';

const MINUTE = 60_000;
const timing = { durationMs: 30 * MINUTE, warmUpMs: 5 * MINUTE, windowMs: MINUTE };

/** A sample every 5 s for half an hour. */
const samplesOf = (mbAt: (minute: number, index: number) => number): readonly Sample[] =>
  Array.from({ length: 360 }, (_, index) => ({ at: index * 5000, mb: mbAt(index / 12, index) }));

const flat = samplesOf(() => 50);
const growing = samplesOf((minute) => 50 + minute / 10);
/** On the whole more than 1 MB/h, but nobody could be sure of it. */
const restless = samplesOf((minute) => 50 + minute / 40 + 3 * Math.sin(Math.floor(minute) * 2));

function traffic(failed: number): Traffic {
  const total = { sent: 1000, aborted: 20, denied: 30, failed };
  const errors = failed === 0 ? [] : ['GET: socket hang up'];
  return { counts: { client: { GET: total } }, total, errors };
}

describe('the report of a soak', () => {
  it('judges a proxy by what comes after the warm-up', () => {
    const warming = samplesOf((minute) => (minute < 5 ? 30 + minute * 4 : 50));
    expect(judge('web', warming, timing)).toMatchObject({
      ...{ start: 30, warm: 50, end: 50, verdict: 'flat' },
      slope: { mbPerHour: 0 },
    });
  });

  it('calls growth by that name only when its bounds leave no doubt', () => {
    expect(judge('web', growing, timing).verdict).toBe('grows');
    expect(judge('web', restless, timing).slope.mbPerHour).toBeGreaterThan(1);
    expect(judge('web', restless, timing).verdict).toBe('unclear');
  });

  it('fails for a proxy that grows and for any failed request', () => {
    const [good, bad] = [judge('web', flat, timing), judge('mail', growing, timing)];
    expect(failuresOf({ proxies: [good], traffic: traffic(0) })).toEqual([]);
    expect(failuresOf({ proxies: [good, bad], traffic: traffic(2) })).toEqual([
      'the proxy of mail grows by 6.00 MB/h',
      '2 of 1000 requests failed',
    ]);
  });

  it('shows every proxy with its slope, and what failed', () => {
    const proxies = [judge('web', growing, timing)];
    const failures = failuresOf({ proxies, traffic: traffic(2) });
    const changes = { scaled: 4, policyEdits: 6, restarts: 1, issuers: 2 };
    const text = render({ ...timing, proxies, traffic: traffic(2), changes, passing: 7, failures });
    expect(text).toMatch(/^web +50\.0 +50\.5 +52\.9 +6\.00 \(6\.00 … 6\.00\) +grows$/m);
    expect(text).toMatch(/client +GET +1000 +20 left, 30 denied, 2 FAILED/);
    expect(text).toContain('GET: socket hang up');
    expect(text).toContain('FAILED: 2 of 1000 requests failed');
  });

  it('draws values as bars, and calm ones as calm', () => {
    expect(bars([0, 7])).toBe('▁█');
    expect(bars([50, 50.1, 50])).toBe('▁▂▁');
  });
});
