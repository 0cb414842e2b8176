export type InstallErrorCode =
  | 'identity_incomplete'
  | 'identity_unusable'
  | 'already_installed'
  | 'not_installed'
  | 'installed_by_helm'
  | 'crds_missing'
  | 'gateway_api_foreign'
  | 'issuer_unknown_to_pods'
  | 'pods_still_meshed'
  | 'not_ready'
  | 'interrupted'
  | 'file_exists'
  | 'flags_conflict';

/** Why nothing was installed, upgraded or removed; the message says what to do. */
export class InstallError extends Error {
  override readonly name = 'InstallError';
  readonly code: InstallErrorCode;

  constructor(code: InstallErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
