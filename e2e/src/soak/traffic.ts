import type { Mesh } from '../harness/mesh.ts';
import type { Count, Counts } from './pods/tally.ts';

const CLIENTS = ['client', 'visitor'] as const;

export interface Traffic {
  /** By client and kind of request. */
  readonly counts: Readonly<Record<string, Counts>>;
  readonly total: Count;
  /** What failed requests said. */
  readonly errors: readonly string[];
}

/** What the clients have counted so far. */
export function trafficOf(mesh: Mesh): Traffic {
  const counts: Record<string, Counts> = {};
  const errors: string[] = [];
  const total: Count = { sent: 0, aborted: 0, denied: 0, failed: 0 };
  for (const client of CLIENTS) {
    const lines = mesh
      .logs(client, client)
      .split('\n')
      .filter((line) => line !== '');
    const last = lines.findLast((line) => line.startsWith('{'));
    counts[client] = last === undefined ? {} : (JSON.parse(last) as Counts);
    errors.push(...lines.filter((line) => !line.startsWith('{')));
    for (const { sent, aborted, denied, failed } of Object.values(counts[client])) {
      total.sent += sent;
      total.aborted += aborted;
      total.denied += denied;
      total.failed += failed;
    }
  }
  return { counts, total, errors };
}
