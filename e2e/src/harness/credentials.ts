import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AuthorityPem,
  createIssuer,
  createTokenKeys,
  createTrustAnchor,
  LocalTokenIssuer,
} from '@weft/identity';
import type { Folder, Manifest } from './folder.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const namespace = 'linkerd';

/** A certificate authority of a test: an anchor, and issuers below it. */
export class Authority {
  readonly anchor = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: YEAR_MS });

  issuer(): AuthorityPem {
    return createIssuer(this.anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs: YEAR_MS });
  }

  /** Puts the anchor and an issuer in a mesh's folder, in place of those it would make. */
  installIn(folder: Folder): AuthorityPem {
    const issuer = this.issuer();
    const data = { 'ca-bundle.crt': this.anchor.certChainPem };
    const metadata = { name: 'linkerd-identity-trust-roots', namespace };
    folder.write('trust-roots.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    folder.write('issuer.yaml', issuerSecret(issuer));
    return issuer;
  }

  /** Writes what `weft local control-plane --credentials` keeps; answers with a minter of its tokens. */
  writeTo(directory: string): LocalTokenIssuer {
    const issuer = this.issuer();
    const tokens = createTokenKeys();
    mkdirSync(join(directory, 'issuer'), { recursive: true });
    writeFileSync(join(directory, 'issuer', 'crt.pem'), issuer.certChainPem);
    writeFileSync(join(directory, 'issuer', 'key.pem'), issuer.keyPem);
    writeFileSync(join(directory, 'ca-bundle.crt'), this.anchor.certChainPem);
    writeFileSync(join(directory, 'token-keys.pem'), tokens.publicKeyPem);
    return new LocalTokenIssuer(tokens.privateKeyPem);
  }
}

export function issuerSecret({ certChainPem, keyPem }: AuthorityPem): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'linkerd-identity-issuer', namespace },
    stringData: { 'crt.pem': certChainPem, 'key.pem': keyPem },
  };
}

export function identityOf(account: string, of = 'shop'): string {
  return `${account}.${of}.serviceaccount.identity.linkerd.cluster.local`;
}

export function newKey(): { readonly key: KeyObject; readonly pem: string } {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { key: createPrivateKey(privateKey), pem: privateKey };
}
