import { describe, expect, it } from '@jest/globals';
import type { Retry } from '@weft/policy';
import { askedRetry } from './asked-retry.ts';

const own: Retry = {
  maxRetries: 5,
  maxRequestBytes: 1000,
  statuses: [{ start: 500, end: 599 }],
  grpcCodes: new Set([14]),
  timeoutMs: 100,
  backoff: null,
};

describe('what an application asks for', () => {
  it.each([
    ['5xx', [{ start: 500, end: 599 }]],
    ['gateway-error', [{ start: 502, end: 504 }]],
    [
      'Gateway-Error, 429 ,500-501',
      [
        { start: 502, end: 504 },
        { start: 429, end: 429 },
        { start: 500, end: 501 },
      ],
    ],
    ['nonsense,503', [{ start: 503, end: 503 }]],
  ])('of statuses as %j', (text, statuses) => {
    expect(askedRetry(null, ['l5d-retry-http', text])).toEqual({
      maxRetries: 1,
      maxRequestBytes: 65_536,
      statuses,
      grpcCodes: new Set(),
      timeoutMs: null,
      backoff: { minMs: 25, maxMs: 250, jitter: 1, respectRetryAfter: false },
    });
  });

  it('of gRPC codes by their names', () => {
    const text = 'cancelled,deadline-exceeded,internal,resource-exhausted,unavailable,not-found';
    expect(askedRetry(null, ['l5d-retry-grpc', text])?.grpcCodes).toEqual(new Set([1, 4, 13, 8, 14]));
  });

  it('comes before what the route says, one by one', () => {
    expect(askedRetry(own, ['l5d-retry-limit', '2'])).toEqual({ ...own, maxRetries: 2 });
    expect(askedRetry(own, ['l5d-retry-timeout', '2s'])).toEqual({ ...own, timeoutMs: 2000 });
    expect(askedRetry(own, ['l5d-retry-limit', '0'])?.maxRetries).toBe(0);
    expect(askedRetry(own, ['l5d-retry-http', '404'])?.grpcCodes).toBe(own.grpcCodes);
  });

  it.each([
    ['l5d-retry-http', '600'],
    ['l5d-retry-http', '503-501'],
    ['l5d-retry-http', ''],
    ['l5d-retry-grpc', '14'],
    ['l5d-retry-limit', '-1'],
    ['l5d-retry-limit', 'many'],
    ['l5d-retry-timeout', '99999999H'],
    ['l5d-retry-timeout', '0'],
  ])('in a way that makes no sense is not heeded, and goes no further: %s: %s', (name, value) => {
    const headers = ['host', 'orders', name, value];
    expect(askedRetry(own, headers)).toBe(own);
    expect(headers).toEqual(['host', 'orders']);
    expect(askedRetry(null, [name, value])).toBeNull();
  });

  it('is bounded', () => {
    expect(askedRetry(null, ['l5d-retry-limit', '999999999'])?.maxRetries).toBe(65_535);
  });
});
