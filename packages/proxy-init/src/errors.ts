export type ProxyInitErrorCode = 'invalid_option' | 'command_failed' | 'command_not_found';

/** Why the redirection could not be set up. */
export class ProxyInitError extends Error {
  override readonly name = 'ProxyInitError';
  readonly code: ProxyInitErrorCode;

  constructor(code: ProxyInitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
