import { expect, it } from '@jest/globals';
import { Load } from '../harness/load.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';

interface Tally {
  readonly connected: number;
  readonly refused: number;
  readonly closedByProxy: number;
  readonly statuses: Readonly<Record<string, number>>;
}

interface Attack {
  readonly name: string;
  readonly kind: string;
  readonly connections: number;
  /** How long the attacker stays after its last connection, in milliseconds. */
  readonly holdMs: number;
  readonly outcome: (tally: Tally) => void;
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'garbage',
    kind: 'garbage',
    connections: 200,
    holdMs: 1000,
    outcome: ({ connected }) => expect(connected).toBe(200),
  },
  {
    name: 'half a TLS hello',
    kind: 'half-hello',
    connections: 500,
    holdMs: 12_000,
    // None may stay beyond the time that detection allows.
    outcome: ({ closedByProxy }) => expect(closedByProxy).toBe(500),
  },
  {
    name: 'silent connections',
    kind: 'silent',
    connections: 500,
    holdMs: 3000,
    outcome: ({ connected }) => expect(connected).toBe(500),
  },
  {
    name: 'a header of 1 MB',
    kind: 'big-header',
    connections: 50,
    holdMs: 2000,
    outcome: ({ closedByProxy, statuses }) => {
      expect(closedByProxy).toBe(50);
      expect(Object.keys(statuses).filter((status) => status !== '431')).toEqual([]);
    },
  },
  {
    name: '10 000 idle connections',
    kind: 'idle',
    connections: 10_000,
    holdMs: 3000,
    outcome: ({ connected, refused }) => expect([connected, refused]).toEqual([10_000, 0]),
  },
  {
    name: 'an HTTP/2 rapid-reset flood',
    kind: 'rapid-reset',
    connections: 20,
    holdMs: 3000,
    outcome: ({ closedByProxy }) => expect(closedByProxy).toBe(20),
  },
];

const PORT = '8080';
/** What the process may keep of an attack: its heap does not shrink to where it was. */
const KEPT_BYTES = 64 << 20;

export function attacksScenario(mesh: () => Mesh): void {
  it.each(ATTACKS)(
    '$name against a proxy: other clients’ requests all succeed meanwhile, and memory returns',
    async ({ kind, connections, holdMs, outcome }) => {
      const { ip } = mesh().pod('web');
      const memory = () => metric(mesh(), ip, 'process_resident_memory_bytes');
      const before = await memory();
      const load = await Load.begin(mesh());

      const tally = await mesh().router('attack.mjs', kind, ip, PORT, String(connections), String(holdMs));
      outcome(JSON.parse(tally) as Tally);

      const { sent, failed, errors } = await load.soFar();
      expect(errors).toEqual([]);
      expect(failed).toBe(0);
      expect(sent).toBeGreaterThan(20);
      await waitFor('memory returns', 30_000, async () => (await memory()) < before + KEPT_BYTES);
      const web = mesh()
        .pod('web')
        .containers.find(({ name }) => name === 'linkerd-proxy');
      expect(web?.restarts).toBe(0);
    },
  );
}
