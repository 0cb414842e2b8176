import { createIssuer, createTokenKeys, createTrustAnchor } from '@weft/identity';

/** What a mesh's trust rests on. The anchor's own key is forgotten once it has signed the issuer. */
export interface MeshCredentials {
  readonly trustAnchorsPem: string;
  readonly issuer: { readonly certificatePem: string; readonly keyPem: string };
  readonly tokenKeys: { readonly privateKeyPem: string; readonly publicKeyPem: string };
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** Makes a new anchor, an issuer below it, and keys for service-account tokens. */
export function createCredentials(trustDomain: string): MeshCredentials {
  const anchor = createTrustAnchor({ name: `root.linkerd.${trustDomain}`, lifetimeMs: YEAR_MS });
  const issuer = createIssuer(anchor, { name: `identity.linkerd.${trustDomain}`, lifetimeMs: YEAR_MS });
  return {
    trustAnchorsPem: anchor.certChainPem,
    issuer: { certificatePem: issuer.certChainPem, keyPem: issuer.keyPem },
    tokenKeys: createTokenKeys(),
  };
}
