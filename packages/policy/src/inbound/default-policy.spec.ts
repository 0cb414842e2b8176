import { describe, expect, it } from '@jest/globals';
import { parseCidr } from '../net/cidr.ts';
import type { Client } from './authorization.ts';
import { authorize } from './authorize.ts';
import { type DefaultPolicyWord, defaultPolicyWords, defaultServerPolicy } from './default-policy.ts';

const options = { clusterNetworks: [parseCidr('10.0.0.0/8')!], detectTimeoutMs: 10_000, opaque: false };
const plain = (ip: string): Client => ({ ip, tls: { kind: 'none', reason: '' } });
const meshed = (ip: string): Client => ({ ip, tls: { kind: 'mutual', id: 'a.b', idKind: 'dns' } });

describe('the default policy', () => {
  it.each<[DefaultPolicyWord, readonly string[]]>([
    ['deny', []],
    ['all-authenticated', ['meshed inside', 'meshed outside']],
    ['all-unauthenticated', ['plain inside', 'plain outside', 'meshed inside', 'meshed outside']],
    ['cluster-authenticated', ['meshed inside']],
    ['cluster-unauthenticated', ['plain inside', 'meshed inside']],
    ['audit', ['plain inside', 'plain outside', 'meshed inside', 'meshed outside']],
  ])('%s admits %j', (word, admitted) => {
    const { authorizations } = defaultServerPolicy(word, options);
    const clients = {
      'plain inside': plain('10.1.1.1'),
      'plain outside': plain('fd00::1'),
      'meshed inside': meshed('10.1.1.1'),
      'meshed outside': meshed('1.1.1.1'),
    };
    const passing = Object.entries(clients).filter(
      ([, client]) => authorize(authorizations, client) !== null,
    );
    expect(passing.map(([name]) => name)).toEqual(admitted);
  });

  it('detects, except where the port is opaque or everything is denied', () => {
    const kinds = defaultPolicyWords.map((word) => defaultServerPolicy(word, options).protocol.kind);
    expect(kinds).toEqual(['opaque', 'detect', 'detect', 'detect', 'detect', 'detect']);
    expect(defaultServerPolicy('audit', { ...options, opaque: true }).protocol).toEqual({ kind: 'opaque' });
  });

  it('is named by its word, and audits only as audit', () => {
    for (const word of defaultPolicyWords) {
      const { meta, authorizations } = defaultServerPolicy(word, options);
      expect(meta).toMatchObject({ group: '', kind: 'default', name: word });
      for (const { audit, meta: named } of authorizations) {
        expect([named, audit]).toEqual([meta, word === 'audit']);
      }
    }
  });
});
