import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log/logger.ts';
import { ServiceError } from '../service-error.ts';
import { CredentialsStore } from './credentials.ts';
import { createCsr } from './csr.ts';
import type { MeshIdentityMetrics } from './mesh-identity-metrics.ts';
import { toPem } from './pem.ts';
import { defaultRenewalBounds, type RenewalBounds, renewAfter, retryAfter } from './renewal.ts';
import { hasIdentity } from './subject-names.ts';

/** What an issuer answers. Certificates are DER. */
export interface IssuedLeaf {
  readonly leaf: Uint8Array;
  readonly intermediates: readonly Uint8Array[];
  readonly validUntil: Date;
}

/** Asks an issuer for a certificate: over the network, or within the process for the issuer itself. */
export type Certify = (csr: Uint8Array, signal: AbortSignal) => Promise<IssuedLeaf>;

export interface MeshIdentityOptions {
  /** The own name: `<sa>.<ns>.serviceaccount.identity.<control-plane ns>.<trust domain>`. */
  readonly identity: string;
  /** Absent while they are not known yet: `replaceAnchors` brings them. */
  readonly anchorsPem?: string;
  readonly certify: Certify;
  readonly logger: Logger;
  readonly metrics: MeshIdentityMetrics;
  readonly bounds?: RenewalBounds;
  /** The clock in ms, and a wait on it that ends early when its signal aborts. */
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * A service's own certificate: one P-256 key made in memory, certified and renewed at 70 % of each life.
 * While the issuer is away the old certificate stays in force.
 */
export class MeshIdentity {
  /** What servers and clients of this service shake hands with; holds only the anchors before the first certificate. */
  readonly credentials: CredentialsStore;
  readonly #options: MeshIdentityOptions;
  readonly #keyPem: string;
  readonly #csr: Uint8Array;
  #anchorsPem: string | undefined;
  #issued: IssuedLeaf | undefined;
  #hurry = new AbortController();

  constructor(options: MeshIdentityOptions) {
    this.#options = options;
    this.#anchorsPem = options.anchorsPem;
    this.credentials = new CredentialsStore();
    if (options.anchorsPem !== undefined) this.credentials.replace({ anchorsPem: options.anchorsPem });
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    this.#keyPem = privateKey;
    this.#csr = createCsr(options.identity, createPrivateKey(privateKey));
  }

  get serverName(): string {
    return this.#options.identity;
  }

  /** Certifies and renews until `signal` aborts. Never rejects: a failure is logged, counted and tried again. */
  async run(signal: AbortSignal): Promise<void> {
    const sleep = this.#options.sleep ?? sleepOn;
    let failures = 0;
    while (!signal.aborted) {
      // Made before the attempt, so that an issuer replaced during it is not missed.
      this.#hurry = new AbortController();
      const hurry = AbortSignal.any([signal, this.#hurry.signal]);
      const waitMs = await this.#attempt(signal).then(
        (validUntil) => {
          failures = 0;
          return renewAfter(validUntil, this.#now(), this.#bounds);
        },
        (error: unknown) => {
          failures += 1;
          return signal.aborted ? 0 : this.#failed(error, failures);
        },
      );
      await sleep(waitMs, hurry);
    }
  }

  /** Certifies again now: the issuer has changed. */
  renewNow(): void {
    this.#hurry.abort();
  }

  /** Trusts these anchors from the next handshake on. @throws ServiceError when they cannot be used. */
  replaceAnchors(anchorsPem: string): void {
    this.credentials.replace({ anchorsPem, ...this.#leafOf(this.#issued) });
    this.#anchorsPem = anchorsPem;
  }

  async #attempt(signal: AbortSignal): Promise<number> {
    const { certify, identity, metrics, logger } = this.#options;
    const issued = await certify(this.#csr, signal);
    const validUntil = issued.validUntil.getTime();
    if (!(validUntil > this.#now())) {
      throw new ServiceError(
        'failed_precondition',
        `certificate expired at ${issued.validUntil.toISOString()}`,
      );
    }
    const certificate = new X509Certificate(issued.leaf);
    if (!hasIdentity(certificate, identity)) {
      throw new ServiceError('failed_precondition', `certificate is for ${certificate.subjectAltName}`);
    }
    if (this.#anchorsPem === undefined) throw new ServiceError('unavailable', 'no trust anchors yet');
    this.credentials.replace({ anchorsPem: this.#anchorsPem, ...this.#leafOf(issued) });
    this.#issued = issued;
    metrics.certified(validUntil, this.#now());
    logger.info('certified', { identity, valid_until: issued.validUntil });
    return validUntil;
  }

  #failed(error: unknown, failures: number): number {
    const { identity, metrics, logger } = this.#options;
    const waitMs = retryAfter(failures, this.#issued !== undefined, this.#bounds);
    metrics.failed();
    logger.warn('certification failed', { identity, retry_ms: waitMs, error });
    return waitMs;
  }

  #leafOf(issued: IssuedLeaf | undefined) {
    if (issued === undefined) return {};
    const chain = [issued.leaf, ...issued.intermediates];
    const certChainPem = chain.map((der) => toPem('CERTIFICATE', der)).join('');
    return { leaf: { certChainPem, keyPem: this.#keyPem } };
  }

  get #bounds(): RenewalBounds {
    return this.#options.bounds ?? defaultRenewalBounds;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function sleepOn(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {});
}
