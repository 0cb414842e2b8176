export type ManifestErrorCode =
  | 'unreadable_input'
  | 'insecure_url'
  | 'malformed_document'
  | 'not_an_object'
  | 'not_injectable'
  | 'control_plane_component'
  | 'unsupported_format';

/** A manifest, or the place it comes from, that cannot be worked with; the message names it. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly code: ManifestErrorCode;

  constructor(code: ManifestErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
