import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalTokenIssuer } from '@weft/identity';
import { createCredentials } from '../control-plane/credentials.ts';
import { controlPlane, TRUST_ROOTS } from '../control-plane/names.ts';
import { LocalError } from '../errors.ts';

/** Files of a folder of credentials. */
export interface CredentialsFolder {
  /** Holds `crt.pem` and `key.pem`. */
  readonly issuerDirectory: string;
  readonly trustAnchors: string;
  readonly tokenPublicKeys: string;
  readonly tokenPrivateKey: string;
}

const SECRET = { mode: 0o600 };

/** The files of a folder of credentials; a folder without them is given new ones. */
export function credentialsIn(directory: string): CredentialsFolder {
  const files = {
    issuerDirectory: join(directory, 'issuer'),
    trustAnchors: join(directory, TRUST_ROOTS.key),
    tokenPublicKeys: join(directory, 'token-keys.pem'),
    tokenPrivateKey: join(directory, 'token-signing-key.pem'),
  };
  if (existsSync(files.trustAnchors)) return files;
  const { trustAnchorsPem, issuer, tokenKeys } = createCredentials(controlPlane.trustDomain);
  mkdirSync(files.issuerDirectory, { recursive: true });
  writeFileSync(join(files.issuerDirectory, 'crt.pem'), issuer.certificatePem);
  writeFileSync(join(files.issuerDirectory, 'key.pem'), issuer.keyPem, SECRET);
  writeFileSync(files.tokenPublicKeys, tokenKeys.publicKeyPem);
  writeFileSync(files.tokenPrivateKey, tokenKeys.privateKeyPem, SECRET);
  writeFileSync(files.trustAnchors, trustAnchorsPem);
  return files;
}

/** A service-account token that the identity service of this folder takes. */
export function mintToken(directory: string, namespace: string, account: string, lifetimeMs: number): string {
  const { tokenPrivateKey } = credentialsIn(directory);
  if (!existsSync(tokenPrivateKey)) {
    throw new LocalError('bad_directory', `${directory} holds no key to sign tokens with`, { directory });
  }
  const issuer = new LocalTokenIssuer(readFileSync(tokenPrivateKey, 'utf8'));
  return issuer.mint({ namespace, name: account, lifetimeMs });
}
