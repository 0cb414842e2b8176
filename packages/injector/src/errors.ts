export type InjectErrorCode =
  | 'invalid_log_http_headers'
  | 'close_wait_requires_root'
  | 'invalid_iptables_mode'
  | 'invalid_cluster_networks'
  | 'trust_anchors_missing'
  | 'tracing_collector_missing'
  | 'patch_not_applicable';

/** Injection that cannot be rendered at all; an admission request then fails with this message. */
export class InjectError extends Error {
  override readonly name = 'InjectError';
  readonly code: InjectErrorCode;
  /** What the message is about: an annotation, a value's name or a JSON pointer. */
  readonly subject: string;

  constructor(code: InjectErrorCode, subject: string, message: string) {
    super(message);
    this.code = code;
    this.subject = subject;
  }
}
