import { describe, expect, it } from '@jest/globals';
import { formatDestination, isUnder, parseNamedDestination } from './destination.ts';

describe('a destination', () => {
  it('is written as the control plane reads it', () => {
    expect(formatDestination({ kind: 'address', ip: '10.0.0.1', port: 80 })).toBe('10.0.0.1:80');
    expect(formatDestination({ kind: 'address', ip: 'fd00::1', port: 80 })).toBe('[fd00::1]:80');
    expect(formatDestination({ kind: 'name', host: 'a.b', port: 81 })).toBe('a.b:81');
  });

  it.each<[string, string[], boolean]>([
    ['web.shop.svc.cluster.local', ['svc.cluster.local.'], true],
    ['Web.Shop.SVC.cluster.local.', ['svc.cluster.local.'], true],
    ['svc.cluster.local', ['svc.cluster.local.'], true],
    ['xsvc.cluster.local', ['svc.cluster.local.'], false],
    ['example.com', ['svc.cluster.local.', 'com.'], true],
    ['example.com', ['.'], true],
    ['example.com', [], false],
  ])('%s under %j: %s', (name, suffixes, under) => {
    expect(isUnder(suffixes, name)).toBe(under);
  });
});

describe('a destination in a header', () => {
  it.each([
    ['web.shop.svc.cluster.local', 'web.shop.svc.cluster.local', 80],
    ['WEB.shop:8080', 'web.shop', 8080],
    ['web.shop.:1', 'web.shop', 1],
  ])('is a name with or without a port: %s', (text, host, port) => {
    expect(parseNamedDestination(text)).toEqual({ kind: 'name', host, port });
  });

  it.each(['', '10.0.0.1', '10.0.0.1:80', '[fd00::1]:80', 'fd00::1', 'web:0', 'web:70000', 'web:http'])(
    'is nothing else: %j',
    (text) => expect(parseNamedDestination(text)).toBeNull(),
  );

  it.each(['we b', 'web..shop', 'http://web', 'user@web', 'web/path', `${'a'.repeat(64)}.shop`])(
    'is a DNS name: not %j',
    (text) => expect(parseNamedDestination(text)).toBeNull(),
  );
});
