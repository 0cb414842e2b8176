import { describe, expect, it } from '@jest/globals';
import { compileGrpcRoutes, type OutboundProtocol } from '@weft/policy';
import { backendKeys } from './backend-keys.ts';
import { backendAt, httpPolicy, meta, opaqueRoute, policyOf, tlsRoute } from './outbound.builder.ts';

const backend = (name: string) => backendAt({ ip: '10.1.0.1', port: 80 }, name);
const http = (name: string) => {
  const { protocol } = httpPolicy(backend(name));
  if (protocol.kind !== 'detect') throw new Error('not a policy of detection');
  return protocol.http1;
};

function grpc(name: string): OutboundProtocol {
  const rule = {
    matches: [],
    filters: [],
    distribution: { kind: 'first-available', backends: [{ backend: backend(name), filters: [] }] } as const,
    timeouts: { requestMs: null, responseMs: null, idleMs: null },
    retry: null,
    allowL5dHeaders: false,
  };
  return {
    kind: 'grpc',
    routes: compileGrpcRoutes([{ meta: meta('route'), hosts: [], rules: [rule] }]),
    failureAccrual: null,
  };
}

describe('the backends that a policy leads to', () => {
  it.each<[string, OutboundProtocol, string[]]>([
    [
      'detection, by all that may be found',
      {
        kind: 'detect',
        opaque: { route: opaqueRoute('r', backend('a')) },
        http1: http('b'),
        http2: http('c'),
      },
      ['a', 'b', 'c'],
    ],
    ['HTTP/1', { kind: 'http1', ...http('a') }, ['a']],
    ['HTTP/2', { kind: 'http2', ...http('a') }, ['a']],
    ['gRPC', grpc('a'), ['a']],
    ['opaque connections', { kind: 'opaque', route: opaqueRoute('r', backend('a')) }, ['a']],
    ['no opaque route', { kind: 'opaque', route: null }, []],
    [
      'TLS, by all names',
      { kind: 'tls', routes: [tlsRoute('r', backend('a')), tlsRoute('s', backend('b'))] },
      ['a', 'b'],
    ],
    ['nothing that can be understood', { kind: 'invalid', reason: 'no kind' }, []],
  ])('for %s', (_what, protocol, keys) => {
    expect([...backendKeys(policyOf(protocol))].sort()).toEqual(keys);
  });
});
