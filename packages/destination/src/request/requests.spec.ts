import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAuthority } from './authority.ts';
import { parseContextToken } from './context-token.ts';
import { parseWorkload } from './workload-token.ts';

const parse = (path: string) => parseAuthority(path, 'cluster.local');

describe('an authority', () => {
  it.each([
    ['web.shop.svc.cluster.local', { type: 'service', namespace: 'shop', service: 'web', port: 80 }],
    ['web.shop.svc.cluster.local:8080', { type: 'service', namespace: 'shop', service: 'web', port: 8080 }],
    [
      'db-0.db.shop.svc.cluster.local:1',
      { type: 'instance', namespace: 'shop', service: 'db', instance: 'db-0', port: 1 },
    ],
    ['10.0.0.1:65535', { type: 'ip', ip: '10.0.0.1', port: 65_535 }],
    ['10.0.0.1', { type: 'ip', ip: '10.0.0.1', port: 80 }],
    ['[::1]:80', { type: 'ip', ip: '::1', port: 80 }],
  ])('may be %s', (path, expected) => {
    expect(parse(path)).toEqual(expected);
  });

  it.each([
    '',
    ':80',
    'web',
    'web.shop.svc.cluster.local.',
    'web.shop.svc.cluster.local.:80',
    'WEB.shop.SVC.cluster.local',
    'shop.svc.cluster.local',
    'a.b.web.shop.svc.cluster.local',
    '.shop.svc.cluster.local',
    'web.shop.svc.cluster.local:',
    'web.shop.svc.cluster.local:0',
    'web.shop.svc.cluster.local:65536',
    'web.shop.svc.cluster.local:http',
    '::1',
    '[::1',
  ])('is refused as %j', (path) => {
    expect(() => parse(path)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: `Invalid authority: ${path}` }),
    );
  });
});

describe('a context token', () => {
  it.each([
    ['{"ns":"shop","nodeName":"n1","pod":"p"}\n', { namespace: 'shop', nodeName: 'n1', pod: 'p' }],
    ['{"ns":"shop"}', { namespace: 'shop', nodeName: '', pod: '' }],
    ['{"ns":7}', { namespace: '', nodeName: '', pod: '' }],
    ['ns:shop', { namespace: 'shop', nodeName: '', pod: '' }],
    ['', { namespace: '', nodeName: '', pod: '' }],
  ])('may be %j', (token, context) => {
    expect(parseContextToken(token)).toEqual({ type: 'context', context });
  });

  it.each(['{"ns":', 'nonsense', '[]', 'null', '7', 'ns:', 'ns:a/b'])('is nobody’s as %j', (token) => {
    expect(parseContextToken(token)).toEqual({
      type: 'malformed',
      context: { namespace: '', nodeName: '', pod: '' },
    });
  });
});

describe('whatever a peer sends', () => {
  it('is read or refused, and nothing else', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string({ unit: fc.constantFrom('a', '.', ':', '[', ']', '1', 'svc', '{') }),
    );
    fc.assert(
      fc.property(text, (input) => {
        expect(parseContextToken(input).context).toBeDefined();
        for (const read of [parse, parseWorkload]) {
          try {
            read(input);
          } catch (error) {
            expect(error).toMatchObject({ name: 'ServiceError', code: 'invalid_argument' });
          }
        }
      }),
    );
  });
});
