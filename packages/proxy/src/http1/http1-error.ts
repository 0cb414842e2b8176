export type Http1ErrorCode =
  /** The peer closed before its message, or the answer to ours, was complete. */
  | 'closed-early'
  /** The pool was closed; the endpoint is no longer to be used. */
  | 'pool-closed'
  /** A message whose head or length cannot be written in HTTP/1 without changing its meaning. */
  | 'unwritable';

export class Http1Error extends Error {
  override readonly name = 'Http1Error';
  readonly code: Http1ErrorCode;

  constructor(code: Http1ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
