/** A policy that cannot be understood. Thrown while decoding and caught at its edge, never let out. */
export class InvalidPolicyError extends Error {
  readonly code = 'invalid_policy';
  /** Path of the offending field in the message, such as `protocol.detect.http_routes[0].metadata`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = 'InvalidPolicyError';
    this.field = field;
  }
}

export function invalid(field: string, problem: string): never {
  throw new InvalidPolicyError(field, problem);
}

/** The value, unless it is missing. */
export function required<T>(value: T | undefined, field: string): T {
  return value === undefined ? invalid(field, 'is missing') : value;
}

/** Text from a message, made safe and short enough to stand in an error. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
