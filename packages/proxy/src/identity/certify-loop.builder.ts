import { createPublicKey } from 'node:crypto';
import { Authority, type CertificateShape, dnsName } from '../tls/certificates.builder.ts';
import { Credentials } from '../tls/credentials.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { createCertificateRequest } from './certificate-request.ts';
import type { CertifyRequest, CertifyResponse } from './certify.ts';
import { CertifyLoop, type CertifyLoopOptions } from './certify-loop.ts';
import { FakeWallClock } from './clock.builder.ts';

export const ID = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

/** Bounds and waits of the bench, milliseconds. */
export const LIFETIME = 3_600_000;
export const REFRESH = 2_520_000;
export const RETRY = 10_000;
export const ATTEMPT = 5_000;

export interface IssueShape extends CertificateShape {
  /** How long the answer says the certificate is valid, milliseconds; null leaves it out. */
  readonly lifetimeMs?: number | null;
}

/** An identity service with an issuer of its own, and a loop that asks it. Every call is kept. */
export class CertifyBench {
  readonly clock = new FakeWallClock();
  readonly log = new RecordingLogger();
  readonly root = Authority.root();
  readonly issuer = this.root.issuer();
  readonly request = createCertificateRequest(ID);
  readonly credentials = new Credentials([this.root.certificate]);
  readonly calls: CertifyRequest[] = [];
  /** Answers of the coming calls; `issue()` when none is set. */
  readonly answers: ((request: CertifyRequest, signal: AbortSignal) => Promise<CertifyResponse>)[] = [];
  readonly loop: CertifyLoop;
  readonly stop = new AbortController();
  readonly done: Promise<void>;

  constructor(options: Partial<CertifyLoopOptions> = {}) {
    this.loop = new CertifyLoop({
      identity: ID,
      request: this.request,
      credentials: this.credentials,
      certify: (request, signal) => {
        this.calls.push(request);
        return (this.answers.shift() ?? (async () => this.issue()))(request, signal);
      },
      readToken: async () => Buffer.from(`token ${this.calls.length + 1}`),
      minRefreshMs: RETRY,
      maxRefreshMs: 86_400_000,
      attemptTimeoutMs: ATTEMPT,
      clock: this.clock,
      log: this.log,
      ...options,
    });
    this.done = this.loop.run(this.stop.signal);
  }

  /** A certificate for the loop's key and identity, valid for an hour unless the shape says otherwise. */
  issue({ lifetimeMs = LIFETIME, ...shape }: IssueShape = {}, by: Authority = this.issuer): CertifyResponse {
    const leaf = by.sign({ names: [dnsName(ID)], publicKey: createPublicKey(this.request.key), ...shape });
    return {
      leaf: leaf.raw,
      intermediates: [by.certificate.raw],
      validUntil: lifetimeMs === null ? null : new Date(this.clock.now() + lifetimeMs),
    };
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.done;
  }
}
