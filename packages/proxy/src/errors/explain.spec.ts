import { describe, expect, it } from '@jest/globals';
import { ConnectError, type ConnectErrorCode } from '../transport/connect-error.ts';
import { explainReset } from './explain.ts';
import { ProxyError } from './proxy-error.ts';

const target = { ip: '10.0.0.1', port: 80 };

describe('a broken exchange', () => {
  it('by RST_STREAM keeps its code', () => {
    expect(explainReset({ kind: 'reset', code: 7 })).toMatchObject({
      code: 'reset',
      details: { resetCode: 7 },
    });
  });

  it('by a peer that broke the protocol says how', () => {
    const error = explainReset({ kind: 'protocol', reason: 'two lengths' });
    expect(error).toMatchObject({ code: 'io', message: 'two lengths' });
  });

  it.each<[ConnectErrorCode, string]>([
    ['timeout', 'connect-timeout'],
    ['inbound-loop', 'loop'],
    ['refused', 'io'],
    ['unreachable', 'io'],
    ['loopback', 'io'],
    ['tls', 'io'],
    ['io', 'io'],
  ])('because a connection failed by %s is %s', (code, expected) => {
    const cause = new ConnectError(code, target, 'no luck');
    const error = explainReset({ kind: 'io', error: cause });
    expect(error).toMatchObject({ code: expected, message: 'connect to 10.0.0.1:80: no luck' });
    expect(error.cause).toBe(cause);
  });

  it('because of anything else on the way is an I/O error', () => {
    const cause = new Error('read ECONNRESET');
    expect(explainReset({ kind: 'io', error: cause })).toMatchObject({ code: 'io', cause });
  });

  it('that was explained before keeps its explanation', () => {
    const error = new ProxyError('response-timeout', 'HTTP response timeout after 1s');
    expect(explainReset({ kind: 'io', error })).toBe(error);
  });
});
