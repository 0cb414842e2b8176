import { describe, expect, it } from '@jest/globals';
import { formatAddress, isLoopback, socketAddress } from './socket-address.ts';

describe('socket addresses', () => {
  it.each([
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['fd00::1', 'fd00::1'],
    ['::1', '::1'],
  ])('write %s as %s', (reported, ip) => {
    expect(socketAddress(reported, 80)).toEqual({ ip, port: 80 });
  });

  it('put IPv6 in brackets', () => {
    expect(formatAddress({ ip: 'fd00::1', port: 80 })).toBe('[fd00::1]:80');
    expect(formatAddress({ ip: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80');
  });

  it.each([
    ['127.0.0.1', true],
    ['127.255.0.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['128.0.0.1', false],
    ['10.127.0.1', false],
    ['::2', false],
  ])('know whether %s stays on this host', (ip, expected) => {
    expect(isLoopback(ip)).toBe(expected);
  });
});
