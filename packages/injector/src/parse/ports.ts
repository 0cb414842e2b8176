import { type Parsed, parsed, unparsable } from './parsed.ts';

const PROBLEM = 'a port or a range of ports (0 to 65535)';
const MAX_PORT = 65_535;

/** `n` or `a-b` with a ≤ b; `n-n` is `n`. */
export function parsePortOrRange(text: string): Parsed<string> {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return unparsable(PROBLEM);
  const low = Number(match[1]);
  const high = Number(match[2] ?? low);
  if (low > high || high > MAX_PORT) return unparsable(PROBLEM);
  return parsed(low === high ? String(low) : `${low}-${high}`);
}

export interface PortList {
  /** Ports and ranges, in the order written, duplicates kept. */
  readonly ports: readonly string[];
  readonly bad: readonly string[];
}

/**
 * Reads a comma list of ports, ranges and names of container ports. Items are trimmed and an empty last one
 * is tolerated; items that mean nothing are set aside.
 */
export function parsePortList(text: string, named: ReadonlyMap<string, number>): PortList {
  const items = text.split(',').map((item) => item.trim());
  if (items.at(-1) === '') items.pop();
  const ports: string[] = [];
  const bad: string[] = [];
  for (const item of items) {
    const port = named.get(item);
    const range = port === undefined ? parsePortOrRange(item) : parsed(String(port));
    if (range.ok) ports.push(range.value);
    else bad.push(item);
  }
  return { ports, bad };
}
