import { splitList } from './list.ts';

const MAX_PORT = 65_535;

/** `25, 443, 3306-3310` */
export function parsePorts(text: string): Set<number> {
  const ports = new Set<number>();
  for (const item of splitList(text)) {
    const range = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(item);
    if (range === null) throw new Error(`${JSON.stringify(item)} is neither a port nor a range of ports`);
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (first > last) throw new Error(`the range ${item} runs backwards`);
    if (last > MAX_PORT) throw new Error(`${last} is not a port`);
    for (let port = first; port <= last; port++) ports.add(port);
  }
  return ports;
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= MAX_PORT)) throw new Error(`${JSON.stringify(text)} is not a port`);
  return port;
}
