import type { Duration } from '@bufbuild/protobuf/wkt';
import { invalid } from './invalid-policy.ts';

/** Milliseconds, with fractions; null without a message. */
export function decodeDuration(duration: Duration | undefined, field: string): number | null {
  if (duration === undefined) return null;
  const ms = Number(duration.seconds) * 1000 + duration.nanos / 1e6;
  if (ms < 0) invalid(field, `is negative (${ms} ms)`);
  return ms;
}

/** As above, with zero meaning none. */
export function decodeTimeout(duration: Duration | undefined, field: string): number | null {
  return decodeDuration(duration, field) || null;
}
