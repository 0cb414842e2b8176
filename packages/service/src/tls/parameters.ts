import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/** TLS between the parts of the mesh: 1.3 only, the hybrid key exchange first, no resumption by tickets. */
export const meshTlsParameters: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
  // A resumed session would keep an identity that was verified against anchors since replaced.
  secureOptions: constants.SSL_OP_NO_TICKET,
};
