import { type Parsed, parsed, unparsable } from './parsed.ts';

/** Nanoseconds per unit of Go's durations; days do not exist there. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const TERM = /(\d+)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)|\.(\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;
const MAX = 2n ** 63n - 1n;
const PROBLEM = 'a duration such as 500ms, 10s or 1m30s';

/**
 * A Go duration in nanoseconds: terms of number and unit, or a bare `0`. A negative one is refused, since
 * no setting of the proxy has a meaning for it.
 */
export function parseDuration(text: string): Parsed<bigint> {
  const unsigned = text.startsWith('+') ? text.slice(1) : text;
  if (unsigned === '0') return parsed(0n);
  if (unsigned === '') return unparsable(PROBLEM);
  let total = 0n;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < unsigned.length) {
    const term = TERM.exec(unsigned);
    if (term === null) return unparsable(PROBLEM);
    const [, whole = '0', fraction = term[4] ?? '', unit = term[5] ?? ''] = term;
    const scale = UNITS[unit]!;
    total += BigInt(whole) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    if (total > MAX) return unparsable(PROBLEM);
  }
  return parsed(total);
}

/** The proxy's own grammar knows whole units only. */
export function asMilliseconds(nanoseconds: bigint): string {
  return `${nanoseconds / 1_000_000n}ms`;
}

export function wholeSeconds(nanoseconds: bigint): bigint {
  return nanoseconds / 1_000_000_000n;
}

export function asSeconds(nanoseconds: bigint): string {
  return `${wholeSeconds(nanoseconds)}s`;
}
