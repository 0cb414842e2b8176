import { describe, expect, it } from '@jest/globals';
import { ConnectError } from '../transport/connect-error.ts';
import {
  ConnectionRouteError,
  type ConnectionRouteErrorCode,
  tcpErrorLabel,
} from './connection-route-error.ts';
import type { LogicalTarget } from './logical-target.ts';

const target = { name: '10.0.0.1:80' } as LogicalTarget;

describe('a connection that was not carried on', () => {
  it.each([
    ['fail-fast', 'failfast'],
    ['no-backend', 'loadshed'],
    ['queue-full', 'loadshed'],
    ['forbidden', 'unexpected'],
    ['failed', 'unexpected'],
  ] as [ConnectionRouteErrorCode, string][])('for %s is counted as %s', (code, label) => {
    expect(tcpErrorLabel(new ConnectionRouteError(code, target, 'because'))).toBe(label);
  });

  it('because its endpoint could not be reached is counted as an error of the network', () => {
    const error = new ConnectError('refused', { ip: '10.0.0.1', port: 80 }, 'connection refused');
    expect(tcpErrorLabel(error)).toBe('i/o');
    expect(tcpErrorLabel(new Error('anything'))).toBe('unexpected');
  });
});
