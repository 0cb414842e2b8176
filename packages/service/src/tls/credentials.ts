import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ServiceError } from '../service-error.ts';
import { meshTlsParameters } from './parameters.ts';
import { splitPem } from './pem.ts';

/** Whom to trust, and who we are. */
export interface MeshCredentials {
  /** PEM bundle of the trust anchors. */
  readonly anchorsPem: string;
  /** Absent before the first certificate: a client then offers none and a server cannot serve yet. */
  readonly leaf?: {
    /** PEM, leaf first, then the intermediates towards the anchor. */
    readonly certChainPem: string;
    /** PEM of the leaf's private key. */
    readonly keyPem: string;
  };
}

/** Checked credentials, ready for handshakes. */
export interface LoadedCredentials {
  readonly context: SecureContext;
  /** The own certificate; undefined while there is none. */
  readonly leaf: X509Certificate | undefined;
}

/** Holds the credentials in force. Every handshake uses those of its own moment; connections keep theirs. */
export class CredentialsStore {
  #loaded: LoadedCredentials | undefined;
  readonly #listeners = new Set<(loaded: LoadedCredentials) => void>();

  constructor(credentials?: MeshCredentials) {
    if (credentials !== undefined) this.replace(credentials);
  }

  get current(): LoadedCredentials | undefined {
    return this.#loaded;
  }

  /**
   * Puts new credentials in force for every handshake from now on.
   * @throws ServiceError `failed_precondition` when they do not fit together; the old ones then stay.
   */
  replace(credentials: MeshCredentials): void {
    const loaded = load(credentials);
    this.#loaded = loaded;
    for (const listener of this.#listeners) listener(loaded);
  }

  /** Calls back after every replacement. Returns the unsubscribe. */
  subscribe(listener: (loaded: LoadedCredentials) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function load({ anchorsPem, leaf }: MeshCredentials): LoadedCredentials {
  try {
    const anchors = splitPem(anchorsPem);
    if (anchors.length === 0) throw new Error('the trust anchors hold no certificate');
    for (const anchor of anchors) void new X509Certificate(anchor);
    if (leaf === undefined) {
      return { context: createSecureContext({ ...meshTlsParameters, ca: anchors }), leaf: undefined };
    }
    const certificate = new X509Certificate(leaf.certChainPem);
    if (!certificate.checkPrivateKey(createPrivateKey(leaf.keyPem))) {
      throw new Error('the private key is not that of the certificate');
    }
    const context = createSecureContext({
      ...meshTlsParameters,
      ca: anchors,
      cert: leaf.certChainPem,
      key: leaf.keyPem,
    });
    return { context, leaf: certificate };
  } catch (cause) {
    throw new ServiceError('failed_precondition', 'mesh credentials cannot be used', { cause });
  }
}
