export type IssuerErrorCode =
  | 'unreadable'
  | 'malformed'
  | 'not_a_ca'
  | 'key_mismatch'
  | 'unusable_key'
  | 'untrusted'
  | 'not_valid_yet'
  | 'expired';

/** Why an issuer cannot be used. */
export class IssuerError extends Error {
  readonly code: IssuerErrorCode;

  constructor(code: IssuerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'IssuerError';
    this.code = code;
  }
}
