import { createHash, type KeyObject } from 'node:crypto';

/** Names a public key in a token's header: a hash, so that issuer and validator need not agree on names. */
export function keyId(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
