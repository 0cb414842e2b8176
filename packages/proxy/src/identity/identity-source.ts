/** What metrics and status pages show. Times are epoch milliseconds, null before the first certificate. */
export interface IdentityStatus {
  readonly validUntil: number | null;
  readonly refreshedAt: number | null;
  readonly nextAttemptAt: number | null;
  /** Answers that were put to use, and answers that could not be. Failed calls are neither. */
  readonly installed: number;
  readonly rejected: number;
}

export const uncertified: IdentityStatus = {
  validUntil: null,
  refreshedAt: null,
  nextAttemptAt: null,
  installed: 0,
  rejected: 0,
};

/** Keeps this proxy's credentials certified. */
export interface IdentitySource {
  /** Resolves with the first certificate; later failures do not take that back. */
  readonly ready: Promise<void>;
  readonly status: IdentityStatus;
  /** Runs until the signal is aborted, and then resolves. */
  run(signal: AbortSignal): Promise<void>;
}
