import { describe, expect, it } from '@jest/globals';
import { firstStep, nextStep, type Outcome, type Step } from './reflection.ts';

const after = (...outcomes: readonly Outcome[]): Step => outcomes.reduce(nextStep, firstStep);
const listed = { type: 'listed', resourceVersion: '10' } as const;
const ended = { type: 'ended', resourceVersion: '20', useful: true } as const;
const failed = { type: 'failed', resourceVersion: '20', useful: false } as const;
const watchingFrom = (resourceVersion: string) => ({ type: 'watching', resourceVersion });

describe('what follows in following a kind', () => {
  it('is a watch from the version of the list, and from where a watch has ended', () => {
    expect(after(listed)).toMatchObject({ reflection: watchingFrom('10'), wait: 'none' });
    expect(after(listed, ended)).toMatchObject({ reflection: watchingFrom('20'), wait: 'none' });
  });

  it('is the same watch again, at once, when one was silent', () => {
    const silent = { type: 'silent', resourceVersion: '20' } as const;
    expect(after(listed, silent)).toMatchObject({ reflection: watchingFrom('20'), wait: 'none' });
  });

  it('is a pause when a watch fails or ends without any use', () => {
    const useless = { ...ended, useful: false };
    for (const outcome of [failed, useless])
      expect(after(listed, outcome)).toMatchObject({
        reflection: watchingFrom('20'),
        failures: 1,
        wait: 'backoff',
      });
  });

  it('counts failures anew after a watch that was of use', () => {
    expect(after(listed, failed, failed, { ...failed, useful: true }).failures).toBe(1);
    expect(after(listed, failed, failed, ended).failures).toBe(0);
  });

  it('is a list once the version has failed too often', () => {
    const attempts = Array.from({ length: 5 }, () => failed);
    expect(after(listed, ...attempts.slice(1)).reflection.type).toBe('watching');
    expect(after(listed, ...attempts)).toMatchObject({ reflection: { type: 'listing' }, wait: 'backoff' });
  });

  it('is a list at once when the version is too old, and a pause when that goes on', () => {
    const expired = { type: 'expired' } as const;
    expect(after(listed, expired)).toMatchObject({ reflection: { type: 'listing' }, wait: 'none' });
    expect(after(listed, expired, listed, expired)).toMatchObject({ wait: 'backoff', expiries: 2 });
    expect(after(listed, expired, listed, ended, expired)).toMatchObject({ wait: 'none' });
  });

  it('is another list, after a pause, when one fails', () => {
    const outcome = { type: 'failed' } as const;
    expect(after(outcome, outcome)).toMatchObject({
      reflection: { type: 'listing' },
      failures: 2,
      wait: 'backoff',
    });
  });

  it('is to look now and then for a kind that the server does not know', () => {
    const absent = { type: 'absent' } as const;
    expect(after(absent)).toMatchObject({ reflection: { type: 'absent' }, wait: 'poll' });
    expect(after(absent, { type: 'failed' })).toMatchObject({
      reflection: { type: 'absent' },
      wait: 'backoff',
    });
    expect(after(absent, listed).reflection).toEqual(watchingFrom('10'));
  });
});
