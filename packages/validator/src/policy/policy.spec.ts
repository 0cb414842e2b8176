import { describe, expect, it } from '@jest/globals';
import { refusal } from '../request.builder.ts';

const POLICY = 'policy.linkerd.io';
const reference = (kind: string, name = 'x', group = POLICY) => ({ group, kind, name });
const account = { group: '', kind: 'ServiceAccount', name: 'web' };

describe('a Server', () => {
  const server = { podSelector: {}, port: 8080 };
  const refused = (spec: object) => refusal('Server', { ...server, ...spec });

  it('is let in with a port by number or by name', () => {
    expect(refused({})).toBe('');
    expect(refused({ port: 'http', proxyProtocol: 'gRPC', accessPolicy: 'audit' })).toBe('');
    expect(refused({ podSelector: null, externalWorkloadSelector: {} })).toBe('');
  });

  it('is refused with field and value', () => {
    expect(refused({ accessPolicy: 'denny' })).toMatch(
      /^spec\.accessPolicy is "denny": must be one of deny, /,
    );
    expect(refused({ proxyProtocol: 'http' })).toMatch(
      /^spec\.proxyProtocol is "http": must be one of unknown, /,
    );
    expect(refused({ port: 0 })).toMatch(/^spec\.port is 0: must be a number from 1 to 65535 or the name/);
    expect(refused({ port: undefined })).toMatch(/^spec\.port is missing: /);
    expect(refused({ externalWorkloadSelector: {} })).toMatch(
      /must have one of podSelector and externalWork/,
    );
    expect(refused({ podSelector: undefined })).toMatch(/must have one of podSelector and externalWork/);
  });
});

describe('an AuthorizationPolicy', () => {
  const targetRef = reference('Server');
  const refused = (requiredAuthenticationRefs: unknown, target: object = targetRef) =>
    refusal('AuthorizationPolicy', { targetRef: target, requiredAuthenticationRefs });
  const meshTls = reference('MeshTLSAuthentication');
  const network = reference('NetworkAuthentication');

  it('is let in with one of each', () => {
    expect(refused([meshTls, network])).toBe('');
    expect(refused([account, network])).toBe('');
    expect(refused([])).toBe('');
    for (const kind of ['HTTPRoute', 'GRPCRoute'])
      expect(refused([], reference(kind, 'x', 'gateway.networking.k8s.io'))).toBe('');
    expect(refused([], { group: 'core', kind: 'namespace', name: 'shop' })).toBe('');
  });

  it('is refused when it asks for what nobody can be at once', () => {
    const field = /^spec\.requiredAuthenticationRefs is \[/;
    expect(refused([meshTls, meshTls])).toMatch(field);
    expect(refused([account, account])).toMatch(/at most one ServiceAccount/);
    expect(refused([meshTls, account])).toMatch(/both a MeshTLSAuthentication and a ServiceAccount/);
    expect(refused([network, network])).toMatch(/at most one NetworkAuthentication/);
  });

  it('is refused for references that mean nothing', () => {
    expect(refused([reference('Server')])).toMatch(/^spec\.requiredAuthenticationRefs\[0\] is \{.*Server/);
    expect(refused([], reference('Deployment', 'x', 'apps'))).toMatch(
      /^spec\.targetRef is .*must be a Server/,
    );
    expect(refused([], { group: '', kind: 'Namespace', name: 'other' })).toBe(
      `spec.targetRef.name is "other": must be the policy's own namespace, shop`,
    );
    expect(refused(undefined)).toMatch(/^spec\.requiredAuthenticationRefs is missing: /);
    expect(refusal('AuthorizationPolicy', { requiredAuthenticationRefs: [] })).toMatch(
      /^spec\.targetRef is mis/,
    );
  });
});

describe('a MeshTLSAuthentication', () => {
  const refused = (...identities: string[]) => refusal('MeshTLSAuthentication', { identities });

  it('is let in with names, suffixes and SPIFFE ids', () => {
    expect(refused('*', '*.shop.serviceaccount.identity.linkerd.cluster.local', 'web.example')).toBe('');
    expect(refused('spiffe://td.example/ns/shop/sa/web', 'spiffe://td')).toBe('');
    expect(refusal('MeshTLSAuthentication', { identityRefs: [account] })).toBe('');
    expect(refusal('MeshTLSAuthentication', { identityRefs: [{ kind: 'Namespace' }] })).toBe('');
  });

  it.each([
    ['Web.example', 'must be \\*'],
    ['.web', 'must be \\*'],
    ['web.', 'must be \\*'],
    ['web..example', 'must be \\*'],
    ['web.*.example', 'must be \\*'],
    ['', 'must be \\*'],
    ['spiffe://', 'no trust domain'],
    ['spiffe://TD/x', 'trust domain of other'],
    ['spiffe://td/x/', 'ends with a slash'],
    ['spiffe://td/a//b', 'empty path segment'],
    ['spiffe://td/a/../b', 'is . or ..'],
    ['spiffe://td/a?b', 'path of other'],
    ['spiffe://user@td/a', 'trust domain of other'],
  ])('is refused for the identity %j', (identity, message) => {
    expect(refused('web.example', identity)).toMatch(new RegExp(`^spec\\.identities\\[1\\] is .*${message}`));
  });

  it('is refused without exactly one list, or with a Namespace in a namespace', () => {
    expect(refusal('MeshTLSAuthentication', {})).toMatch(/one of identities and identityRefs/);
    expect(refusal('MeshTLSAuthentication', { identities: ['*'], identityRefs: [account] })).toMatch(
      /one of/,
    );
    expect(refusal('MeshTLSAuthentication', { identities: [] })).toMatch(/^spec\.identities is \[\]: /);
    const inNamespace = { kind: 'Namespace', name: 'a', namespace: 'b' };
    expect(refusal('MeshTLSAuthentication', { identityRefs: [inNamespace] })).toMatch(
      /^spec\.identityRefs\[0\]\.namespace is "b"/,
    );
    expect(refusal('MeshTLSAuthentication', { identityRefs: [{ kind: 'Pod', name: 'a' }] })).toMatch(
      /must be a ServiceAccount or a Namespace/,
    );
  });
});

describe('networks', () => {
  const refused = (cidr: string, ...except: string[]) =>
    refusal('NetworkAuthentication', { networks: [{ cidr, except }] });

  it('may have exceptions that leave something', () => {
    expect(refused('10.0.0.0/8', '10.1.0.0/16', '10.2.3.4')).toBe('');
    expect(refused('fd00::/8', 'fd00:1::/32')).toBe('');
    expect(refused('0.0.0.0/0', '10.0.0.0/8')).toBe('');
  });

  it('are refused with what is wrong', () => {
    expect(refused('10.0.0.0/33')).toBe(
      'spec.networks[0].cidr is "10.0.0.0/33": must be a network such as 10.0.0.0/8, or an address',
    );
    expect(refused('10.0.0.0/8', 'ten')).toMatch(/^spec\.networks\[0\]\.except\[0\] is "ten"/);
    expect(refused('10.0.0.0/8', '10.0.0.0/8')).toMatch(/must leave something of 10\.0\.0\.0\/8$/);
    expect(refused('10.0.0.0/8', '0.0.0.0/0')).toMatch(/must leave something/);
    expect(refused('10.0.0.0/8', '192.168.0.0/16')).toMatch(/must be a part of 10\.0\.0\.0\/8$/);
    expect(refused('fd00::/8', '10.0.0.0/8')).toMatch(/must be a part of fd00::\/8$/);
    expect(refusal('NetworkAuthentication', { networks: [] })).toMatch(/^spec\.networks is \[\]: /);
    expect(refusal('EgressNetwork', { trafficPolicy: 'Allow', networks: [] })).toMatch(
      /at least one network/,
    );
    expect(refusal('EgressNetwork', { trafficPolicy: 'Maybe' })).toMatch(/must be one of Allow, Deny/);
    expect(refusal('EgressNetwork', { trafficPolicy: 'Allow' })).toBe('');
  });
});

describe('a ServerAuthorization', () => {
  const refused = (client: object, server: object = { name: 'web' }) =>
    refusal('ServerAuthorization', { server, client });

  it('says who, once', () => {
    expect(refused({ meshTLS: { identities: ['*'] }, networks: [{ cidr: '10.0.0.0/8' }] })).toBe('');
    expect(refused({ unauthenticated: true, meshTLS: {} })).toMatch(/^spec\.client\.unauthenticated is true/);
    expect(refused({ meshTLS: { unauthenticatedTLS: true, serviceAccounts: [{ name: 'a' }] } })).toMatch(
      /^spec\.client\.meshTLS\.unauthenticatedTLS is true/,
    );
    expect(refused({}, {})).toMatch(/^spec\.server is \{\}: must have one of name and selector/);
  });
});

describe('an HTTPLocalRateLimitPolicy', () => {
  const targetRef = reference('Server');
  const refused = (spec: object) => refusal('HTTPLocalRateLimitPolicy', { targetRef, ...spec });
  const rate = (requestsPerSecond: number) => ({ requestsPerSecond });

  it('has limits above 0 and no part above the total', () => {
    const overrides = [{ ...rate(10), clientRefs: [account] }];
    expect(refused({ total: rate(10), identity: rate(5), overrides })).toBe('');
    expect(refused({ total: rate(0) })).toMatch(/^spec\.total\.requestsPerSecond is 0: must be at least 1/);
    expect(refused({ total: rate(4), identity: rate(5) })).toMatch(/at most the total of 4/);
    expect(refused({ total: rate(4), overrides })).toMatch(/^spec\.overrides\[0\]\.requestsPerSecond is 10/);
    const server = [{ ...rate(1), clientRefs: [targetRef] }];
    expect(refused({ overrides: server })).toMatch(/clientRefs\[0\] is .*must be a ServiceAccount/);
    expect(refused({ targetRef: account })).toMatch(/must be a Server of policy\.linkerd\.io/);
  });
});
