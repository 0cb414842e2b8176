import { describe, expect, it } from '@jest/globals';
import type { Client, ClientTls } from './authorization.ts';
import { authorize } from './authorize.ts';
import { decodeServer } from './decode-server.ts';
import { anyMeshTls, authz, identities, network, server, unauthenticated } from './server.builder.ts';

const plain: ClientTls = { kind: 'none', reason: 'no_tls_from_remote' };
const opaque: ClientTls = { kind: 'opaque', sni: 'web.prod' };
const dns = (id: string): ClientTls => ({ kind: 'mutual', id, idKind: 'dns' });
const uri = (id: string): ClientTls => ({ kind: 'mutual', id, idKind: 'uri' });
const nobody: ClientTls = { kind: 'mutual', id: null, idKind: null };
const web = 'web.prod.serviceaccount.identity.linkerd.cluster.local';

function admits(list: Parameters<typeof authz>[1][], tls: ClientTls, ip = '10.1.2.3'): string | null {
  const { authorizations } = decodeServer(
    server({ authorizations: list.map((init, i) => authz(`authz${i}`, init)) }),
  );
  const client: Client = { ip, tls };
  return authorize(authorizations, client)?.meta.name ?? null;
}

describe('authorization', () => {
  it('denies when there is none', () => {
    expect(admits([], plain)).toBeNull();
  });

  it('names the first that holds', () => {
    const tls = { authentication: identities(web) };
    expect(admits([tls, {}, {}], plain)).toBe('authz1');
    expect(admits([tls, {}, {}], dns(web))).toBe('authz0');
  });

  it('asks for the network less its exceptions', () => {
    const init = { networks: [network('10.0.0.0/8', '10.1.0.0/16'), network('fd00::/8')] };
    expect(admits([init], plain, '10.2.0.1')).toBe('authz0');
    expect(admits([init], plain, '10.1.0.1')).toBeNull();
    expect(admits([init], plain, 'fd00::7')).toBe('authz0');
  });

  it.each<[string, ReturnType<typeof identities>, ClientTls[], ClientTls[]]>([
    ['anyone', unauthenticated, [plain, opaque, nobody, dns(web)], []],
    [
      'mesh TLS, with an identity or without',
      anyMeshTls,
      [nobody, dns(web), uri('spiffe://x/y')],
      [plain, opaque],
    ],
    ['any DNS identity', identities('*'), [dns(web)], [plain, opaque, nobody, uri('spiffe://x/y')]],
    ['an identity', identities(web), [dns(web)], [dns(`x.${web}`), dns(web.slice(1)), plain]],
    ['a URI identity', identities('spiffe://x/y'), [uri('spiffe://x/y')], [uri('spiffe://x/z'), dns(web)]],
    [
      'a suffix',
      identities('*.prod.serviceaccount.identity.linkerd.cluster.local'),
      [dns(web)],
      [dns('web.xprod.serviceaccount.identity.linkerd.cluster.local'), uri(`spiffe://${web}`)],
    ],
  ])('admits %s', (_what, authentication, admitted, refused) => {
    for (const tls of admitted) expect([tls, admits([{ authentication }], tls)]).toEqual([tls, 'authz0']);
    for (const tls of refused) expect([tls, admits([{ authentication }], tls)]).toEqual([tls, null]);
  });

  it('always admits loopback, last', () => {
    expect(admits([], plain, '127.0.0.1')).toBe('localhost');
    expect(admits([], plain, '::1')).toBe('localhost');
    expect(admits([{}], plain, '127.0.0.1')).toBe('authz0');
    expect(admits([], plain, '127.0.0.2')).toBeNull();
  });
});
