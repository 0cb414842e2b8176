export type DiscoveryErrorCode =
  /** The control plane refuses to answer for this destination. */
  | 'rejected'
  /** It knows nothing of a name, and a name leads nowhere by itself. */
  | 'unknown'
  /** As many destinations as allowed are in use. */
  | 'too_many';

/** A destination cannot be had; its connection is to be closed. */
export class DiscoveryError extends Error {
  readonly code: DiscoveryErrorCode;
  /** `ip:port` or `name:port`. */
  readonly destination: string;

  constructor(code: DiscoveryErrorCode, destination: string, message: string) {
    super(`${destination}: ${message}`);
    this.name = 'DiscoveryError';
    this.code = code;
    this.destination = destination;
  }
}
