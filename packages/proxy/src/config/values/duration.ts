const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The largest count that Linkerd's own reader takes, 2^64 − 1. */
const MAX_COUNT = 18_446_744_073_709_551_615n;

/** The longest wait a timer can be set to; anything longer means "for ever" all the same. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** `10s`, `500ms`, `0`: milliseconds, at most MAX_TIMER_MS. */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(trimmed);
  if (match === null) throw new Error('not a duration: an integer with a unit of ms, s, m, h or d');
  const [, digits = '', unit = ''] = match;
  if (BigInt(digits) * BigInt(unitMs[unit] ?? 1) > MAX_COUNT) throw new Error('the duration is too large');
  return Math.min(Number(digits) * (unitMs[unit] ?? 1), MAX_TIMER_MS);
}
