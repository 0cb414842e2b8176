import type { Logger } from '../log/logger.ts';
import type { Credentials } from '../tls/credentials.ts';
import type { CertificateRequest } from './certificate-request.ts';
import type { Certify } from './certify.ts';
import { checkCertified } from './check-certified.ts';
import type { WallClock } from './clock.ts';
import { IdentityError } from './identity-error.ts';
import { type IdentitySource, type IdentityStatus, uncertified } from './identity-source.ts';
import { type RefreshBounds, refreshDelay } from './refresh-schedule.ts';

export interface CertifyLoopOptions extends RefreshBounds {
  readonly identity: string;
  readonly request: CertificateRequest;
  readonly credentials: Credentials;
  readonly certify: Certify;
  /** Called for every attempt, since the kubelet replaces the token. */
  readonly readToken: () => Promise<Buffer>;
  /** Bound of one attempt, milliseconds. */
  readonly attemptTimeoutMs: number;
  readonly clock: WallClock;
  readonly log: Logger;
}

/** Keeps `credentials` certified: at once, then at 70 % of what is left of each certificate's life. */
export class CertifyLoop implements IdentitySource {
  readonly ready: Promise<void>;
  readonly #options: CertifyLoopOptions;
  readonly #release: () => void;
  #status = uncertified;

  constructor(options: CertifyLoopOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#release = resolve;
  }

  get status(): IdentityStatus {
    return this.#status;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const delay = await this.#attempt(signal);
      this.#status = { ...this.#status, nextAttemptAt: clock.now() + delay };
      await clock.sleep(delay, signal).catch(() => {});
    }
  }

  /** Milliseconds until the next attempt. */
  async #attempt(signal: AbortSignal): Promise<number> {
    const { identity, credentials, clock, log, minRefreshMs } = this.#options;
    try {
      const { validUntil } = await this.#certify(signal);
      const expiry = validUntil.getTime();
      const { installed } = this.#status;
      this.#status = {
        ...this.#status,
        validUntil: expiry,
        refreshedAt: clock.now(),
        installed: installed + 1,
      };
      const delay = refreshDelay(clock.now(), expiry, this.#options);
      log.info('Certified identity', {
        id: identity,
        validUntil: validUntil.toISOString(),
        refreshInMs: Math.round(delay),
      });
      this.#release();
      return delay;
    } catch (error) {
      if (!signal.aborted) {
        const since = this.#status.validUntil;
        const expired = credentials.certified !== null && since !== null && since <= clock.now();
        log.error('Failed to certify identity', { id: identity, error, expired, retryInMs: minRefreshMs });
      }
      return minRefreshMs;
    }
  }

  async #certify(signal: AbortSignal): Promise<{ validUntil: Date }> {
    const { identity, request, credentials, clock } = this.#options;
    const response = await this.#call(signal);
    try {
      const { anchors } = credentials;
      const certified = checkCertified(response, { identity, key: request.key, anchors, now: clock.now() });
      credentials.replace(certified);
      return certified;
    } catch (error) {
      this.#status = { ...this.#status, rejected: this.#status.rejected + 1 };
      throw error;
    }
  }

  async #call(signal: AbortSignal) {
    const { identity, request, certify, readToken, clock, attemptTimeoutMs } = this.#options;
    const token = await readToken();
    const attempt = new AbortController();
    const both = AbortSignal.any([signal, attempt.signal]);
    const timeout = clock.sleep(attemptTimeoutMs, both).then(() => {
      throw new IdentityError('certify', `no answer within ${attemptTimeoutMs} ms`);
    });
    try {
      return await Promise.race([certify({ identity, token, csr: request.csr }, both), timeout]);
    } catch (error) {
      if (error instanceof IdentityError) throw error;
      throw new IdentityError('certify', 'the identity service did not certify', error);
    } finally {
      attempt.abort();
      timeout.catch(() => {});
    }
  }
}
