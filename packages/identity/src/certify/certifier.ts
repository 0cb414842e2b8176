import type { Logger } from '@weft/service';
import { type CertificateRequest, CsrError, parseCsr } from '../certificate/csr.ts';
import { findForeignName } from '../certificate/csr-rules.ts';
import { issueLeaf, type Leaf, type LeafValidity } from '../certificate/leaf.ts';
import { type IdentityEvents, noEvents } from '../events/identity-events.ts';
import { type IdentityDomain, identityOf, type ServiceAccount } from '../identity-name.ts';
import { oneLine } from '../issuer/chain.ts';
import { checkValidNow, type Issuer } from '../issuer/issuer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { IssuanceLimit } from '../limit/issuance-limit.ts';
import type { TokenValidator, TokenVerdict } from '../token/token-validator.ts';
import type { CertifyMetrics } from './certify-metrics.ts';
import { Refusal } from './refusal.ts';

export interface CertifyInput {
  readonly identity: string;
  readonly token: Uint8Array;
  /** DER. */
  readonly csr: Uint8Array;
}

/** A leaf and the certificates that lead from it to the anchor, the issuer first. */
export interface Issued {
  readonly leaf: Leaf;
  readonly chain: readonly Buffer[];
}

export interface CertifierOptions {
  /** The issuer in force at this moment; undefined before the first one is loaded. */
  readonly issuer: () => Issuer | undefined;
  readonly domain: IdentityDomain;
  readonly validity: LeafValidity;
  readonly tokens: TokenValidator;
  readonly limit: IssuanceLimit;
  readonly ledger: Ledger;
  readonly metrics: CertifyMetrics;
  readonly logger: Logger;
  readonly events?: IdentityEvents;
  readonly now?: () => number;
}

/** Issues leaves to whoever proves to be the identity a leaf is for. */
export class Certifier {
  readonly #options: CertifierOptions;

  constructor(options: CertifierOptions) {
    this.#options = options;
  }

  /**
   * The checks in the order of a stock identity, whose clients tell the answers apart.
   * @throws Refusal that names what was asked and what was found.
   */
  async certify(input: CertifyInput, signal: AbortSignal): Promise<Issued> {
    try {
      const issuer = this.#issuerInForce();
      const csr = readRequest(input);
      this.#checkIssuer(issuer);
      checkNames(csr, input.identity);
      const account = await this.#checkToken(input, signal);
      await this.#checkLimit(input.identity);
      const issued = await this.#issue(issuer, csr, input.identity);
      this.#events.issued(account, describe(input.identity, issued.leaf));
      return issued;
    } catch (error) {
      this.#refused(input.identity, error);
      throw error;
    }
  }

  /** A leaf for this service itself, which needs no token to know itself. @throws Refusal as `certify` does. */
  async certifySelf(identity: string, csr: Uint8Array): Promise<Issued> {
    const issuer = this.#issuerInForce();
    this.#checkIssuer(issuer);
    return this.#issue(issuer, parseCsr(csr), identity);
  }

  #issuerInForce(): Issuer {
    const issuer = this.#options.issuer();
    if (issuer === undefined) throw new Refusal('issuer_not_ready', 'cert issuer not ready yet');
    return issuer;
  }

  #checkIssuer(issuer: Issuer): void {
    try {
      checkValidNow(issuer, this.#now());
    } catch (cause) {
      this.#events.issuerInvalid(textOf(cause));
      throw new Refusal('issuer_invalid', textOf(cause), cause);
    }
  }

  async #checkToken({ identity, token }: CertifyInput, signal: AbortSignal): Promise<ServiceAccount> {
    let verdict: TokenVerdict;
    try {
      verdict = await this.#options.tokens.validate(token, signal);
    } catch (cause) {
      throw new Refusal('token_unchecked', `error validating token for ${identity}: ${textOf(cause)}`, cause);
    }
    switch (verdict.kind) {
      case 'invalid':
        throw new Refusal(
          'token_invalid',
          `authentication token for ${identity} is invalid: ${verdict.reason}`,
        );
      case 'unauthenticated':
        throw new Refusal(
          'token_unauthenticated',
          'authentication token could not be authenticated',
          new Error(verdict.reason),
        );
      case 'authenticated': {
        const found = identityOf(verdict.account, this.#options.domain);
        if (found === identity) return verdict.account;
        throw new Refusal(
          'identity_mismatch',
          `requested identity did not match provided token: requested=${identity}; found=${found}`,
        );
      }
    }
  }

  async #checkLimit(identity: string): Promise<void> {
    const verdict = await this.#options.limit.take(identity);
    if (verdict.kind === 'allowed') return;
    throw new Refusal(
      'limited',
      `${identity} has been certified too often; try again in ${verdict.retryAfterMs} ms`,
    );
  }

  async #issue(issuer: Issuer, csr: CertificateRequest, identity: string): Promise<Issued> {
    const { validity, ledger, metrics, logger } = this.#options;
    const now = this.#now();
    let leaf: Leaf;
    try {
      leaf = issueLeaf(issuer, csr, identity, validity, now);
    } catch (cause) {
      throw new Refusal('signing_failed', `a certificate for ${identity} could not be signed`, cause);
    }
    await ledger.append({
      serial: leaf.serial,
      identity,
      issuer: oneLine(issuer.certificate.subject),
      issuedAt: new Date(now).toISOString(),
      notBefore: leaf.notBefore.toISOString(),
      notAfter: leaf.notAfter.toISOString(),
    });
    metrics.issued();
    logger.info(describe(identity, leaf), { serial: leaf.serial });
    return { leaf, chain: issuer.chain };
  }

  #refused(identity: string, error: unknown): void {
    const { metrics, logger } = this.#options;
    const reason = error instanceof Refusal ? error.reason : 'signing_failed';
    metrics.refused(reason);
    logger.warn('certificate refused', { identity, reason, error });
  }

  get #events(): IdentityEvents {
    return this.#options.events ?? noEvents;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

function describe(identity: string, { notAfter, fingerprint }: Leaf): string {
  return `issued certificate for ${identity} until ${notAfter.toISOString()}: ${fingerprint}`;
}

function readRequest({ identity, token, csr }: CertifyInput): CertificateRequest {
  if (identity === '') throw new Refusal('bad_request', 'missing identity');
  if (token.length === 0) throw new Refusal('bad_request', 'missing token');
  if (csr.length === 0) throw new Refusal('bad_request', 'missing certificate signing request');
  try {
    return parseCsr(csr);
  } catch (cause) {
    if (cause instanceof CsrError) throw new Refusal('bad_request', cause.message, cause.cause);
    throw cause;
  }
}

function checkNames(csr: CertificateRequest, identity: string): void {
  const found = findForeignName(csr, identity);
  if (found === undefined) return;
  throw new Refusal(
    'csr_names',
    `requested identity did not match certificate signing request: requested=${identity}; found=${found}`,
  );
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
