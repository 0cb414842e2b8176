import { InvalidArgumentError } from 'commander';

function integer(text: string, low: number, high: number, what: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= low && value <= high) return value;
  throw new InvalidArgumentError(`"${text}" is no ${what} (${low} to ${high}).`);
}

export const parsePort = (text: string): number => integer(text, 1, 65_535, 'port');

export const parseUserId = (text: string): number => integer(text, 0, 2 ** 31 - 1, 'user id');

/** Negative: none. */
export const parseGroupId = (text: string): number => integer(text, -1, 2 ** 31 - 1, 'group id');

export const parseCount = (text: string): number => integer(text, 0, Number.MAX_SAFE_INTEGER, 'number');

/** A comma list of ports and ranges; given several times, the lists are joined. */
export function parsePortRanges(text: string, previous?: string): string {
  const items = text.split(',').map((item) => item.trim());
  for (const item of items) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(item);
    const [low, high] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!(low >= 0 && low <= high && high <= 65_535)) {
      throw new InvalidArgumentError(`"${item}" is no port or range of ports such as 8080 or 4000-4100.`);
    }
  }
  return [...(previous === undefined || previous === '' ? [] : [previous]), ...items].join(',');
}

const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?$/;

/** A Kubernetes quantity, as written. */
export function parseQuantity(text: string): string {
  if (QUANTITY.test(text)) return text;
  throw new InvalidArgumentError(`"${text}" is no Kubernetes quantity such as 100m, 0.5 or 64Mi.`);
}

export const pullPolicies = ['Always', 'IfNotPresent', 'Never'] as const;

export const inboundPolicies = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const;

/** Collects an option that may be given several times. */
export function collect(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}
