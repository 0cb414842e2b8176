import type { X509SVIDResponse } from '@weft/proto/workload';
import type { GrpcStatus } from '../../grpc/status.ts';
import type { Logger } from '../../log/logger.ts';
import type { Credentials } from '../../tls/credentials.ts';
import type { WallClock } from '../clock.ts';
import { type IdentitySource, type IdentityStatus, uncertified } from '../identity-source.ts';
import { refreshDelay } from '../refresh-schedule.ts';
import { readSvid } from './read-svid.ts';

export interface SvidHandler {
  onUpdate(response: X509SVIDResponse): void;
  /** The agent will never answer. */
  onRefused(status: GrpcStatus): void;
}

export interface SvidWatchOptions {
  /** The SPIFFE id of this proxy. */
  readonly identity: string;
  readonly credentials: Credentials;
  /** Keeps a stream from the agent open until the returned function is called. */
  readonly open: (handler: SvidHandler) => () => void;
  readonly clock: WallClock;
  readonly log: Logger;
}

/** The agent renews certificates at half of their life; later than that, something is wrong with the stream. */
const bounds = { minRefreshMs: 10_000, maxRefreshMs: 86_400_000 };

/**
 * Keeps `credentials` as a SPIRE agent says. The agent sends what is new by itself; where nothing has come by 70 %
 * of a certificate's remaining life the stream is given up and another opened.
 */
export class SvidWatch implements IdentitySource {
  readonly ready: Promise<void>;
  readonly #options: SvidWatchOptions;
  readonly #release: () => void;
  #status = uncertified;
  #stop: () => void = () => {};
  #renewal = new AbortController();

  constructor(options: SvidWatchOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#release = resolve;
  }

  get status(): IdentityStatus {
    return this.#status;
  }

  run(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#stop();
        this.#renewal.abort();
        resolve();
      };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', end, { once: true });
      this.#open();
    });
  }

  #open(): void {
    this.#stop = this.#options.open({
      onUpdate: (response) => this.#update(response),
      onRefused: ({ code, message }) => {
        this.#expectRenewal(null);
        const { identity: id, log } = this.#options;
        log.error('The SPIRE agent refuses to certify this proxy', { id, status: code, reason: message });
      },
    });
  }

  #update(response: X509SVIDResponse): void {
    const { identity, credentials, clock, log } = this.#options;
    const now = clock.now();
    try {
      const { meshAnchors } = credentials;
      const { bundle, validUntil, ...certified } = readSvid(response, { identity, meshAnchors, now });
      credentials.replace(certified, bundle);
      const installed = this.#status.installed + 1;
      this.#status = { ...this.#status, validUntil: validUntil.getTime(), refreshedAt: now, installed };
      log.info('Certified identity', {
        id: identity,
        validUntil: validUntil.toISOString(),
        anchors: credentials.anchors.length,
      });
      this.#expectRenewal(refreshDelay(now, validUntil.getTime(), bounds));
      this.#release();
    } catch (error) {
      this.#status = { ...this.#status, rejected: this.#status.rejected + 1 };
      log.error('The answer of the SPIRE agent cannot be used', {
        id: identity,
        error,
        ...this.#expiry(now),
      });
    }
  }

  /** `delay`: milliseconds after which a renewal that has not come is asked for; null never asks. */
  #expectRenewal(delay: number | null): void {
    this.#renewal.abort();
    const { clock } = this.#options;
    this.#status = { ...this.#status, nextAttemptAt: delay === null ? null : clock.now() + delay };
    if (delay === null) return;
    this.#renewal = new AbortController();
    clock.sleep(delay, this.#renewal.signal).then(
      () => this.#reopen(),
      () => {},
    );
  }

  #reopen(): void {
    const { identity, clock, log } = this.#options;
    const now = clock.now();
    log.warn('The SPIRE agent has not renewed the certificate, asking it again', {
      id: identity,
      ...this.#expiry(now),
    });
    this.#stop();
    this.#expectRenewal(refreshDelay(now, this.#status.validUntil ?? now, bounds));
    this.#open();
  }

  #expiry(now: number): { readonly expired: boolean } {
    const { validUntil } = this.#status;
    return { expired: validUntil !== null && validUntil <= now };
  }
}
