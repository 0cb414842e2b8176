/**
 * Why there is no new certificate. `token`: the token file cannot be read or is empty. `certify`: the call
 * failed. `malformed`, `lapsed`, `untrusted`, `wrong-key`, `wrong-name`: the answer cannot be used.
 */
export type IdentityErrorCode =
  | 'token'
  | 'certify'
  | 'malformed'
  | 'lapsed'
  | 'untrusted'
  | 'wrong-key'
  | 'wrong-name';

export class IdentityError extends Error {
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? {} : { cause });
    this.name = 'IdentityError';
    this.code = code;
  }
}
