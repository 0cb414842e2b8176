import type { X509Certificate } from 'node:crypto';
import { type CertifiedKey, Credentials, type TrustBundle } from '../tls/credentials.ts';

export type OnReplaced = (certified: CertifiedKey, bundle: TrustBundle | null) => void;

/** Credentials that others are told of whenever they are replaced. They never leave the process. */
export class SharedCredentials extends Credentials {
  readonly #onReplaced: OnReplaced;

  constructor(meshAnchors: readonly X509Certificate[], onReplaced: OnReplaced) {
    super(meshAnchors);
    this.#onReplaced = onReplaced;
  }

  override replace(certified: CertifiedKey, bundle: TrustBundle | null = null): void {
    super.replace(certified, bundle);
    this.#onReplaced(certified, bundle);
  }
}
