export interface WebhookLimits {
  /** Longest body that is read, in bytes. */
  readonly bodyBytes: number;
  /** Sum of the bodies that are read or worked on at one time, in bytes; further requests wait unread. */
  readonly bytesInFlight: number;
  /** How many requests may wait; one more is told to come back. */
  readonly waiting: number;
  readonly connections: number;
  /** Within this time a request must have arrived, in ms. The API server waits at most 30 s for the answer. */
  readonly requestMs: number;
  /**
   * How long an idle connection is kept, in ms. The API server closes its own after 90 s: were this side
   * first, a request could meet the closing.
   */
  readonly idleMs: number;
}

const MiB = 1024 * 1024;

export const defaultWebhookLimits: WebhookLimits = {
  bodyBytes: 10 * MiB,
  bytesInFlight: 32 * MiB,
  waiting: 256,
  connections: 1024,
  requestMs: 30_000,
  idleMs: 100_000,
};
