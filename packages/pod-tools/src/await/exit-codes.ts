/** Of sysexits.h, and clap's for a command that was written wrongly. */
export const exitCodes = {
  usage: 2,
  /** The proxy was not ready in time. */
  unavailable: 69,
  /** The command could not be run, or a signal ended it. */
  osError: 71,
} as const;
