import { type AuthorityPem, createIssuer, createTrustAnchor } from '@weft/identity';
import { NOW, type TestState } from '../state.builder.ts';

export const DAY_MS = 86_400_000;

type Key = 'p256' | 'p384' | 'rsa' | 'ed25519';

/** A trust anchor that is valid for so many days more. */
export function anchorFor(
  days: number,
  key: Key = 'p256',
  name = 'root.linkerd.cluster.local',
): AuthorityPem {
  return createTrustAnchor({ name, lifetimeMs: days * DAY_MS + 400 * DAY_MS, now: NOW - 400 * DAY_MS, key });
}

/** An issuer of that anchor, valid for so many days more; negative: since when it is not. */
export function issuerFor(anchor: AuthorityPem, days: number, key: Key = 'p256'): AuthorityPem {
  const name = 'identity.linkerd.cluster.local';
  return createIssuer(anchor, { name, lifetimeMs: (days + 100) * DAY_MS, now: NOW - 100 * DAY_MS, key });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** An installation with this anchor and issuer. */
export function installationOf(
  anchorsPem: string,
  issuer: { readonly certChainPem: string; readonly keyPem: string },
  scheme = 'linkerd.io/tls',
): TestState {
  const [certificate, key] = scheme === 'linkerd.io/tls' ? ['crt.pem', 'key.pem'] : ['tls.crt', 'tls.key'];
  return {
    values: { identity: { issuer: { scheme } } },
    anchorsPem,
    objects: {
      '/api/v1/namespaces/linkerd/secrets/linkerd-identity-issuer': {
        metadata: { name: 'linkerd-identity-issuer' },
        data: { [certificate!]: base64(issuer.certChainPem), [key!]: base64(issuer.keyPem) },
      },
    },
  };
}

export interface TestWebhook {
  readonly secretPem: string;
  readonly caBundle: string;
}

/** An installation whose injector serves with one certificate and is trusted by another. */
export function injectorWebhook({ secretPem, caBundle }: TestWebhook): TestState {
  return {
    objects: {
      '/api/v1/namespaces/linkerd/secrets/linkerd-proxy-injector-k8s-tls': {
        metadata: { name: 'linkerd-proxy-injector-k8s-tls' },
        data: { 'tls.crt': base64(secretPem), 'tls.key': '' },
      },
    },
    lists: {
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': [
        {
          metadata: { name: 'linkerd-proxy-injector-webhook-config' },
          webhooks: [{ clientConfig: { caBundle: base64(caBundle) } }],
        },
      ],
    },
  };
}
