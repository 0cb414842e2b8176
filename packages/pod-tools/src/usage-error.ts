/** The command was written wrongly. */
export class UsageError extends Error {
  readonly code = 'usage';
  override readonly name = 'UsageError';
}
