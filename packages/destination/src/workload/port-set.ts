/** A port with the name its owner gives it, such as a container's or a service's. */
export interface NamedPort {
  readonly name?: string | undefined;
  readonly port: number;
}

/** Ports as an annotation lists them: numbers, ranges and names. */
export interface PortSet {
  has(port: number): boolean;
  /** Entries that are no port, range or name. */
  readonly rejected: readonly string[];
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/i;

type Range = readonly [low: number, high: number];

function parseRange(entry: string): Range | undefined {
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(entry);
  if (match === null) return undefined;
  const low = Number(match[1]);
  const high = match[2] === undefined ? low : Number(match[2]);
  return high <= 65_535 && low <= high ? [low, high] : undefined;
}

const rangesNamed = (wanted: string, named: readonly NamedPort[]): readonly Range[] =>
  named.filter(({ name }) => name === wanted).map(({ port }) => [port, port]);

/**
 * Reads a comma-separated list such as `25,3000-3100,mysql`. Blanks and one trailing comma do not matter; a
 * name stands for the ports that bear it; an entry that is nothing of these is skipped and kept as rejected.
 */
export function parsePortSet(list: string, named: readonly NamedPort[] = []): PortSet {
  const ranges: Range[] = [];
  const rejected: string[] = [];
  for (const entry of list.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const range = parseRange(entry);
    if (range !== undefined) ranges.push(range);
    else if (NAME.test(entry) && /[a-z]/i.test(entry)) ranges.push(...rangesNamed(entry, named));
    else rejected.push(entry);
  }
  return { has: (port) => ranges.some(([low, high]) => low <= port && port <= high), rejected };
}
