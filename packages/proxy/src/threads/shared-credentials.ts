import type { X509Certificate } from 'node:crypto';
import { type CertifiedKey, Credentials, type TrustBundle } from '../tls/credentials.ts';
import { type SessionsMemory, SharedSessions, sessionsMemory } from './shared-sessions.ts';

export type OnReplaced = (
  certified: CertifiedKey,
  bundle: TrustBundle | null,
  sessions: SessionsMemory,
) => void;

/** Credentials that others are told of whenever they are replaced. They never leave the process. */
export class SharedCredentials extends Credentials {
  readonly #onReplaced: OnReplaced;

  constructor(meshAnchors: readonly X509Certificate[], onReplaced: OnReplaced) {
    super(meshAnchors);
    this.#onReplaced = onReplaced;
  }

  override replace(certified: CertifiedKey, bundle: TrustBundle | null = null): void {
    const sessions = sessionsMemory();
    super.replace(certified, bundle, new SharedSessions(sessions));
    this.#onReplaced(certified, bundle, sessions);
  }
}
