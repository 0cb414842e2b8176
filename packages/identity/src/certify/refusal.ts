import { type ErrorCode, ServiceError } from '@weft/service';

/** Why no certificate was issued, as metric and log name it. */
export type RefusalReason =
  | 'issuer_not_ready'
  | 'bad_request'
  | 'issuer_invalid'
  | 'csr_names'
  | 'token_invalid'
  | 'token_unauthenticated'
  | 'token_unchecked'
  | 'identity_mismatch'
  | 'limited'
  | 'signing_failed';

// The codes are those a stock identity answers with (issuer_invalid is a raw Go error there).
const codes: Record<RefusalReason, ErrorCode> = {
  issuer_not_ready: 'unavailable',
  bad_request: 'invalid_argument',
  issuer_invalid: 'unknown',
  csr_names: 'failed_precondition',
  token_invalid: 'invalid_argument',
  token_unauthenticated: 'failed_precondition',
  token_unchecked: 'internal',
  identity_mismatch: 'failed_precondition',
  limited: 'resource_exhausted',
  signing_failed: 'internal',
};

/** A request that gets no certificate. */
export class Refusal extends ServiceError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(codes[reason], message, { data: { reason }, cause });
    this.name = 'Refusal';
    this.reason = reason;
  }
}
