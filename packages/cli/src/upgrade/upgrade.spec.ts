import { describe, expect, it } from '@jest/globals';
import { createIssuer, createTrustAnchor } from '@weft/identity';
import { testPod } from '../check/state.builder.ts';
import type { JsonObject } from '../manifest/json.ts';
import { podsThatDistrust } from './issuer-trust.ts';
import { secretAmong, storedValues } from './stored-values.ts';

const LIFETIME_MS = 86_400_000;
const secret = (yaml: string) => ({
  kind: 'Secret',
  metadata: { name: 'linkerd-config-overrides' },
  data: { 'linkerd-config-overrides': Buffer.from(yaml).toString('base64') },
});

describe('the values an upgrade begins with', () => {
  it('are those of the installation', () => {
    expect(storedValues(secret('controllerReplicas: 3\n'), 'linkerd')).toEqual({ controllerReplicas: 3 });
    expect(storedValues(secret('{}\n'), 'linkerd')).toEqual({});
  });

  it('are found among printed manifests', () => {
    const wanted = secret('a: 1');
    expect(
      secretAmong([null, { kind: 'ConfigMap', metadata: { name: 'linkerd-config-overrides' } }, wanted]),
    ).toBe(wanted);
  });

  it('are missing where Helm has installed', () => {
    expect(() => storedValues(undefined, 'mesh')).toThrow(/missing in namespace "mesh".*use helm upgrade/);
  });
});

describe('a new issuer', () => {
  const [old, next] = ['old', 'next'].map((name) => createTrustAnchor({ name, lifetimeMs: LIFETIME_MS }));
  const issuer = createIssuer(next!, { name: 'issuer', lifetimeMs: LIFETIME_MS }).certChainPem;
  const pod = (name: string, value: string, more: JsonObject = {}) =>
    testPod({ name, proxy: { env: [{ name: 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS', value }] }, ...more });

  it('is trusted by proxies that were started with its anchor, and by no other', () => {
    const pods = [
      pod('old', old!.certChainPem),
      pod('both', old!.certChainPem + next!.certChainPem),
      pod('next', next!.certChainPem),
      testPod({ name: 'from-a-config-map' }),
      pod('done', old!.certChainPem, { status: { phase: 'Succeeded' } }),
    ];
    expect(podsThatDistrust(pods, issuer)).toEqual(['shop/old']);
  });
});
