/** Everything that can keep the proxy from relaying an answer. `respond.ts` says what the peer sees. */
export type ProxyErrorCode =
  | 'fail-fast'
  | 'load-shed'
  | 'connect-timeout'
  | 'response-timeout'
  | 'profile-timeout'
  | 'io'
  | 'loop'
  | 'reset'
  | 'identity-required'
  | 'dispatch-failed'
  | 'no-route'
  | 'redirect'
  | 'invalid-redirect'
  | 'injected'
  | 'injected-grpc'
  | 'unauthorized'
  | 'rate-limited'
  | 'invalid-policy'
  | 'gateway-loop'
  | 'gateway-domain'
  | 'bad-request'
  | 'unexpected';

export interface ProxyErrorDetails {
  /** HTTP status or gRPC code that a filter asked for. */
  readonly status?: number;
  /** Target of a redirect. */
  readonly location?: string;
  /** Which time limit of an outbound route has passed. */
  readonly timeout?: 'request' | 'response' | 'idle' | 'headers';
  /** HTTP/2 error code of a reset. */
  readonly resetCode?: number;
  readonly cause?: unknown;
}

/**
 * A failure with its code. The message ends the chain that `l5d-proxy-error` and the logs show;
 * `context` holds what came before it, outermost first.
 */
export class ProxyError extends Error {
  readonly code: ProxyErrorCode;
  readonly details: ProxyErrorDetails;
  readonly context: string[] = [];

  constructor(code: ProxyErrorCode, message: string, details: ProxyErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProxyError';
    this.code = code;
    this.details = details;
  }

  /** Names what was being talked to: `endpoint 10.0.0.1:80`, `logical service web:80`. */
  within(context: string): this {
    this.context.unshift(context);
    return this;
  }

  /** The whole chain, outermost context first. */
  get chain(): string {
    return [...this.context, this.message].join(': ');
  }
}
