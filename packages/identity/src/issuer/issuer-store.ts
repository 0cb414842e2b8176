import { createHash } from 'node:crypto';
import type { Logger } from '@weft/service';
import { type IdentityEvents, noEvents } from '../events/identity-events.ts';
import { oneLine } from './chain.ts';
import { type Issuer, type IssuerBundle, loadIssuer } from './issuer.ts';
import type { IssuerMetrics } from './issuer-metrics.ts';

export interface IssuerStoreOptions {
  readonly read: () => Promise<IssuerBundle>;
  readonly logger: Logger;
  readonly metrics: IssuerMetrics;
  readonly events?: IdentityEvents;
  readonly now?: () => number;
}

/** Holds the issuer in force. A bundle that does not hold up is refused and the old issuer stays. */
export class IssuerStore {
  readonly #options: IssuerStoreOptions;
  readonly #listeners = new Set<(issuer: Issuer) => void>();
  #current: Issuer | undefined;
  /** Digest of the bundle in force, and why the bundle on disk was refused when that is another. */
  #inForce: string | undefined;
  #refused: string | undefined;

  constructor(options: IssuerStoreOptions) {
    this.#options = options;
    options.metrics.timeToLive(() => {
      const until = this.#current?.validity.notAfter;
      return until === undefined ? 0 : Math.max(0, (until - this.#now()) / 1000);
    });
  }

  get current(): Issuer | undefined {
    return this.#current;
  }

  /** Calls back with every issuer that takes over from now on. Returns the unsubscribe. */
  subscribe(listener: (issuer: Issuer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Reads the disk and puts what it holds in force when it is new and good. Never rejects. What was refused is
   * tried at every call, for it may become valid by time alone, but is logged and counted once.
   */
  async reload(): Promise<void> {
    let digest = 'unreadable';
    try {
      const bundle = await this.#options.read();
      digest = digestOf(bundle);
      if (digest === this.#inForce) this.#refused = undefined;
      else this.#putInForce(loadIssuer(bundle, this.#now()), digest);
    } catch (error) {
      this.#refuse(digest, error);
    }
  }

  #putInForce(issuer: Issuer, digest: string): void {
    const { logger, metrics, events = noEvents } = this.#options;
    const isFirst = this.#current === undefined;
    this.#current = issuer;
    this.#inForce = digest;
    this.#refused = undefined;
    metrics.updated();
    logger.info('issuer updated', {
      issuer: oneLine(issuer.certificate.subject),
      serial: issuer.certificate.serialNumber,
      valid_until: new Date(issuer.validity.notAfter),
    });
    if (!isFirst)
      events.issuerUpdated(
        `issuer updated: "${oneLine(issuer.certificate.subject)}" until ${new Date(issuer.validity.notAfter).toISOString()}`,
      );
    for (const listener of this.#listeners) listener(issuer);
  }

  #refuse(digest: string, error: unknown): void {
    const { logger, metrics, events = noEvents } = this.#options;
    const problem = error instanceof Error ? error.message : String(error);
    const refused = `${digest} ${problem}`;
    if (refused === this.#refused) return;
    this.#refused = refused;
    metrics.refused();
    events.issuerUpdateSkipped(`the issuer on disk is refused: ${problem}`);
    logger.warn(
      this.#current === undefined ? 'issuer refused' : 'new issuer refused; the old one stays in force',
      { error },
    );
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function digestOf({ certChainPem, keyPem, anchorsPem }: IssuerBundle): string {
  return createHash('sha256')
    .update(JSON.stringify([certChainPem, keyPem, anchorsPem]))
    .digest('hex');
}
