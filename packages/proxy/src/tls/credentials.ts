import { constants, type KeyObject, type X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { OwnSessions, type Sessions } from './sessions.ts';

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

/** How long a session may be resumed after the handshake that proved who the peers are. */
export const RESUMABLE_SECONDS = 600;

/** Mesh TLS: version, suites and groups in order of preference. A peer without the hybrid group is fine. */
const PARAMETERS = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  // An anchor need not be self-signed.
  allowPartialTrustChain: true,
} as const;

/**
 * Sessions are resumed by tickets that only the context which made them can read: they end with the certificate, the
 * anchors, or an issuer on the way. See `Resumption` for the client's part.
 */
const RESUMABLE = { sessionIdContext: 'mesh', sessionTimeout: RESUMABLE_SECONDS };
/** Of a chain that leads to several bundles, a session keeps too little to be judged by. */
const NOT_RESUMABLE = { secureOptions: constants.SSL_OP_NO_TICKET };

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
  /** They rest upon the anchors, and upon issuers of the peers. */
  #sessions: Sessions = new OwnSessions();
  /** Of the sessions that the context knows. */
  #generation = 0;
  /** Epoch milliseconds: the time by which sessions are judged. OpenSSL judges certificates by its own. */
  readonly now: () => number;

  constructor(meshAnchors: readonly X509Certificate[], now: () => number = Date.now) {
    this.meshAnchors = meshAnchors;
    this.now = now;
    this.#context = this.#createContext(null, null, this.#sessions);
    this.#sessions.limit(this.#anchorsUntil());
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

  /**
   * For new handshakes of either side; made once per certificate, and anew when an issuer has expired that sessions
   * rest upon. Without a certificate it can only verify.
   */
  get secureContext(): SecureContext {
    const sessions = this.#sessions;
    if (this.now() >= sessions.until) sessions.renew(this.#anchorsUntil());
    if (sessions.generation !== this.#generation) {
      this.#generation = sessions.generation;
      this.#context = this.#createContext(this.#certified, this.#bundle, sessions);
    }
    return this.#context;
  }

  /** Whether sessions can be resumed at all. */
  get resumable(): boolean {
    return this.#bundle === null;
  }

  /** A session rests upon issuers of which the first expires then (epoch ms). */
  limitSessions(until: number): void {
    if (until > this.now()) this.#sessions.limit(until);
  }

  /**
   * Throws when the key does not match the leaf; the old certificate and anchors then stay. `sessions`: those that
   * others with this certificate may resume, too.
   */
  replace(
    certified: CertifiedKey,
    bundle: TrustBundle | null = null,
    sessions: Sessions = new OwnSessions(),
  ): void {
    const { generation } = sessions;
    this.#context = this.#createContext(certified, bundle, sessions);
    this.#certified = certified;
    this.#bundle = bundle;
    this.#sessions = sessions;
    this.#generation = generation;
    sessions.limit(this.#anchorsUntil());
  }

  #createContext(
    certified: CertifiedKey | null,
    bundle: TrustBundle | null,
    sessions: Sessions,
  ): SecureContext {
    const ca = bundle === null ? this.meshAnchors : [...this.meshAnchors, ...bundle.anchors];
    const shown =
      certified === null
        ? {}
        : {
            cert: toPem([certified.leaf, ...certified.intermediates]).join(''),
            key: certified.key.export({ type: 'pkcs8', format: 'pem' }),
          };
    const ticketKeys = sessions.ticketKeys();
    const resumption =
      bundle === null ? { ...RESUMABLE, ...(ticketKeys === null ? {} : { ticketKeys }) } : NOT_RESUMABLE;
    return createSecureContext({ ...PARAMETERS, ...resumption, ...shown, ca: toPem(ca) });
  }

  #anchorsUntil(): number {
    const now = this.now();
    const ends = this.anchors.map(({ validToDate }) => validToDate.getTime());
    return Math.min(...ends.filter((end) => end > now));
  }
}

const toPem = (certificates: readonly X509Certificate[]): string[] =>
  certificates.map((certificate) => certificate.toString());
