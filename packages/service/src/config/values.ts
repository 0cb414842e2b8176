import { z } from 'zod';
import { logLevels } from '../log/logger.ts';

/** Where to listen: `host` undefined means every address of the machine. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A Go duration in milliseconds: `24h0m0s`, `20s`, `1.5h`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|\u00b5s|ms|s|m|h)/g)) {
    total += Number(amount) * unitMs[unit!]!;
  }
  return Number.isSafeInteger(Math.round(total)) ? total : undefined;
}

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; undefined when it is none. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port > 65_535) return undefined;
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}

function parsedBy<T>(parse: (text: string) => T | undefined, expected: string) {
  return z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });
}

const booleans: Record<string, boolean> = {
  '1': true,
  t: true,
  true: true,
  '0': false,
  f: false,
  false: false,
};

/** What settings are made of: each reads the text of a flag or variable. */
export const values = {
  text: z.string(),
  nonEmptyText: z.string().trim().min(1, 'must not be empty'),
  /** Milliseconds. */
  duration: parsedBy(parseDuration, 'a duration such as 20s, 5m or 24h'),
  listenAddress: parsedBy(parseListenAddress, 'host:port or :port'),
  boolean: parsedBy((text) => booleans[text.toLowerCase()], 'true or false'),
  /** A whole number between `min` and `max`. */
  integer: (min: number, max: number) =>
    parsedBy((text) => {
      const value = Number(text);
      return /^-?\d+$/.test(text) && value >= min && value <= max ? value : undefined;
    }, `a whole number from ${min} to ${max}`),
  /** Comma-separated; blanks around the parts are dropped, empty parts too. */
  list: z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
  logLevel: parsedBy(
    (text) =>
      [...logLevels, 'panic' as const, 'fatal' as const]
        .filter((level) => level === (text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()))
        .map((level) => (level === 'panic' || level === 'fatal' ? 'error' : level))[0],
    `one of ${logLevels.join(', ')}`,
  ),
  logFormat: z.enum(['plain', 'json'], { error: 'expected plain or json' }),
};
