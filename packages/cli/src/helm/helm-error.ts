export type HelmErrorCode = 'helm_missing' | 'chart_missing' | 'render_failed';

/** The chart could not be rendered; the message says what to do. */
export class HelmError extends Error {
  override readonly name = 'HelmError';
  readonly code: HelmErrorCode;

  constructor(code: HelmErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
