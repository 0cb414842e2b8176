const MAX_PORT = 65_535;

/** The kernel's `multiport` match holds fifteen ports; a range takes the place of two. */
const MULTIPORT_SLOTS = 15;

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= MAX_PORT;
}

interface Item {
  text: string;
  slots: number;
}

function parseItem(text: string): Item | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const low = Number(match[1]);
  const high = Number(match[2] ?? low);
  if (low > high || high > MAX_PORT) return undefined;
  return low === high ? { text: String(low), slots: 1 } : { text: `${low}:${high}`, slots: 2 };
}

/** Items of a list that are neither a port nor a range, to be reported. */
export function badPortItems(items: readonly string[]): readonly string[] {
  return items.filter((item) => parseItem(item) === undefined);
}

/** Packs ports and `a-b` ranges into as few `--dports` texts as their order allows. Bad items are left out. */
export function multiportGroups(items: readonly string[]): readonly string[] {
  const groups: string[][] = [];
  let free = 0;
  for (const item of items.map(parseItem)) {
    if (item === undefined) continue;
    if (item.slots > free) {
      groups.push([]);
      free = MULTIPORT_SLOTS;
    }
    groups.at(-1)!.push(item.text);
    free -= item.slots;
  }
  return groups.map((group) => group.join(','));
}
