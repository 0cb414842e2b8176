import { constants, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

/** A leaf with its private key and the certificates between it and the anchors, nearest first. */
export interface CertifiedKey {
  readonly key: KeyObject;
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** Mesh TLS: version, suites and groups in order of preference. A peer without the hybrid group is fine. */
const PARAMETERS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  // An anchor need not be self-signed.
  allowPartialTrustChain: true,
  // Nobody resumes a session in the mesh, and making tickets costs a tenth of a handshake.
  secureOptions: constants.SSL_OP_NO_TICKET,
} as const;

/**
 * The trust anchors, and the certificate this side shows at the moment. A replaced certificate is shown from
 * the next handshake on; what was established with the old one goes on.
 */
export class Credentials {
  readonly anchors: readonly X509Certificate[];
  readonly #ca: string[];
  #certified: CertifiedKey | null = null;
  #context: SecureContext;

  constructor(anchors: readonly X509Certificate[]) {
    this.anchors = anchors;
    this.#ca = anchors.map((anchor) => anchor.toString());
    this.#context = createSecureContext({ ...PARAMETERS, ca: this.#ca });
  }

  /** Null until the first certificate. */
  get certified(): CertifiedKey | null {
    return this.#certified;
  }

  /** For new handshakes of either side; made once per certificate. Without one it can only verify. */
  get secureContext(): SecureContext {
    return this.#context;
  }

  /** Throws when the key does not match the leaf; the old certificate then stays. */
  replace(certified: CertifiedKey): void {
    const chain = [certified.leaf, ...certified.intermediates];
    this.#context = createSecureContext({
      ...PARAMETERS,
      ca: this.#ca,
      cert: chain.map((certificate) => certificate.toString()).join(''),
      key: certified.key.export({ type: 'pkcs8', format: 'pem' }),
    });
    this.#certified = certified;
  }
}
