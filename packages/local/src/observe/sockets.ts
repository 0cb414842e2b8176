/** One TCP connection of a pod, as its kernel lists it. */
export interface Socket {
  readonly localPort: number;
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly uid: number;
  readonly inode: string;
}

const LISTEN = '0A';

/** Reads `/proc/PID/net/tcp` or `tcp6`: connections that the pod opened, IPv4-mapped ones included. */
export function clientSockets(...tables: readonly string[]): readonly Socket[] {
  const rows = tables.flatMap((table) =>
    table
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns.length > 9),
  );
  const listening = new Set(
    rows.filter((columns) => columns[3] === LISTEN).map((columns) => portOf(columns[1]!)),
  );
  return rows
    .filter((columns) => columns[3] !== LISTEN && !listening.has(portOf(columns[1]!)))
    .map((columns) => ({
      localPort: portOf(columns[1]!),
      remoteIp: ipOf(columns[2]!),
      remotePort: portOf(columns[2]!),
      uid: Number(columns[7]),
      inode: columns[9]!,
    }));
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16);
}

/** The kernel prints each 32-bit word in the machine's byte order, which is little-endian on all it runs on here. */
function ipOf(address: string): string {
  const word = address.slice(0, address.indexOf(':')).slice(-8);
  return [6, 4, 2, 0].map((at) => Number.parseInt(word.slice(at, at + 2), 16)).join('.');
}
