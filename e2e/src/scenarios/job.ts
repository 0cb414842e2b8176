import { expect, it } from '@jest/globals';
import type { Mesh } from '../harness/mesh.ts';
import { waitFor } from '../harness/wait-for.ts';

export function jobScenario(mesh: () => Mesh): void {
  it('the Job completes with exit code 0 and its proxy exits 0', async () => {
    const job = await waitFor('the Job has ended', 60_000, () =>
      mesh()
        .pods('inventory')
        .find(({ phase }) => phase === 'Succeeded' || phase === 'Failed'),
    );
    const exits = job.containers.map(({ name, exitCode }) => [name, exitCode]);
    expect(job.phase).toBe('Succeeded');
    expect(Object.fromEntries(exits)).toEqual({ inventory: 0, 'linkerd-proxy': 0 });
    expect(mesh().logOf(job.directory, 'inventory')).toContain('proxy: 200 shutdown');
  });
}
