/**
 * Why there is no new certificate. `token`: the token file cannot be read or is empty. `certify`: the call
 * failed. `no-svid`: the SPIRE agent has certificates for others only. `malformed`, `lapsed`, `untrusted`, `wrong-key`, `wrong-name`: the answer cannot be used.
 */
export type IdentityErrorCode =
  | 'token'
  | 'certify'
  | 'no-svid'
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
