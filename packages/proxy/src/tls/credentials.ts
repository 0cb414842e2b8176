import { constants, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

/** A leaf with its private key and the certificates between it and the anchors, nearest first. */
export interface CertifiedKey {
  readonly key: KeyObject;
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** Anchors of one SPIFFE trust domain. They vouch for the names below `spiffe://<trust domain>/` and no others. */
export interface TrustBundle {
  readonly trustDomain: string;
  readonly anchors: readonly X509Certificate[];
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
  /** Of the mesh: fixed for the life of the process, they vouch for every name. */
  readonly meshAnchors: readonly X509Certificate[];
  #bundle: TrustBundle | null = null;
  #certified: CertifiedKey | null = null;
  #context: SecureContext;

  constructor(meshAnchors: readonly X509Certificate[]) {
    this.meshAnchors = meshAnchors;
    this.#context = createSecureContext({ ...PARAMETERS, ca: toPem(meshAnchors) });
  }

  /** Null until the first certificate. */
  get certified(): CertifiedKey | null {
    return this.#certified;
  }

  /** Anchors beyond those of the mesh; null when there are none. */
  get bundle(): TrustBundle | null {
    return this.#bundle;
  }

  /** Everything that a chain may lead to; see `peerNames` for who may go by which name. */
  get anchors(): readonly X509Certificate[] {
    return this.#bundle === null ? this.meshAnchors : [...this.meshAnchors, ...this.#bundle.anchors];
  }

  /** For new handshakes of either side; made once per certificate. Without one it can only verify. */
  get secureContext(): SecureContext {
    return this.#context;
  }

  /** Throws when the key does not match the leaf; the old certificate and anchors then stay. */
  replace(certified: CertifiedKey, bundle: TrustBundle | null = null): void {
    const ca = bundle === null ? this.meshAnchors : [...this.meshAnchors, ...bundle.anchors];
    this.#context = createSecureContext({
      ...PARAMETERS,
      ca: toPem(ca),
      cert: toPem([certified.leaf, ...certified.intermediates]).join(''),
      key: certified.key.export({ type: 'pkcs8', format: 'pem' }),
    });
    this.#certified = certified;
    this.#bundle = bundle;
  }
}

const toPem = (certificates: readonly X509Certificate[]): string[] =>
  certificates.map((certificate) => certificate.toString());
