import { describe, expect, it } from '@jest/globals';
import { createIssuer, createTrustAnchor } from '@weft/identity';
import { testPod } from '../check/state.builder.ts';
import type { JsonObject } from '../manifest/json.ts';
import { withIssuerInForce } from './issuer-in-force.ts';
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

describe('the issuer an upgrade begins with', () => {
  const now = Date.now();
  const anchor = createTrustAnchor({ name: 'root', lifetimeMs: LIFETIME_MS });
  const values = {
    identityTrustAnchorsPEM: anchor.certChainPem,
    identity: { issuer: { tls: { crtPEM: 'as installed', keyPEM: 'as installed' } } },
  };
  const issuerSecret = ({ certChainPem, keyPem }: { certChainPem: string; keyPem: string }) => ({
    data: {
      'crt.pem': Buffer.from(certChainPem).toString('base64'),
      'key.pem': Buffer.from(keyPem).toString('base64'),
    },
  });

  it('is the one in its Secret, where it has been replaced since', () => {
    const replaced = createIssuer(anchor, { name: 'replaced', lifetimeMs: LIFETIME_MS });
    expect(withIssuerInForce(values, issuerSecret(replaced), now)).toEqual({
      ...values,
      identity: { issuer: { tls: { crtPEM: replaced.certChainPem, keyPEM: replaced.keyPem } } },
    });
  });

  it('is that of the installation, where the Secret holds one that identity refuses, or none', () => {
    const expired = createIssuer(anchor, {
      name: 'expired',
      now: now - 2 * LIFETIME_MS,
      lifetimeMs: LIFETIME_MS,
    });
    expect(withIssuerInForce(values, issuerSecret(expired), now)).toBe(values);
    expect(withIssuerInForce(values, undefined, now)).toBe(values);
    expect(withIssuerInForce(values, { data: { 'tls.crt': 'QQ==', 'tls.key': 'QQ==' } }, now)).toBe(values);
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
