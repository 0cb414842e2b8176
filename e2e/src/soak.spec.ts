import { describe, expect, it } from '@jest/globals';
import { soak } from './soak/soak.ts';

/** So short that memory tells nothing: this proves what the long run relies on (`npm run test:soak`). */
describe('a short soak', () => {
  it('changes the mesh under load, samples every proxy and fails no request', async () => {
    const lines: string[] = [];
    const report = await soak({
      ...{ durationMs: 30_000, warmUpMs: 5000, windowMs: 3000, sampleMs: 500, collect: true },
      pace: { replicas: 9000, policy: 4000, restart: 12_000, issuer: 13_000 },
      leafLifetime: '20s',
      progressMs: 5000,
      progress: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    const { traffic, changes, proxies } = report;
    expect(traffic.errors).toEqual([]);
    expect(traffic.total.failed).toBe(0);
    expect(traffic.total.sent).toBeGreaterThan(2000);
    expect(Object.keys(traffic.counts.client!).length).toBeGreaterThan(15);
    expect(changes).toMatchObject({ policyEdits: 7, issuers: 2 });
    expect(changes.scaled).toBeGreaterThan(0);
    expect(changes.restarts).toBeGreaterThan(0);
    expect(report.passing).toBeGreaterThan(2);

    // The policy was felt both ways, and only where it was edited.
    const { 'GET of the guarded port': guarded, 'GET of the closed port': closed } = traffic.counts.visitor!;
    expect(guarded!.denied).toBeGreaterThan(10);
    expect(guarded!.denied).toBeLessThan(guarded!.sent - 10);
    expect(closed!.denied).toBeGreaterThan(closed!.sent - 3);
    expect(traffic.counts.client!['GET of the guarded port']!.denied).toBe(0);

    expect(proxies.map(({ pod }) => pod.replace(/-.*/, ''))).toEqual([
      'backend',
      'front',
      'client',
      'visitor',
    ]);
    for (const { floors, start } of proxies) {
      expect(floors.length).toBeGreaterThanOrEqual(9);
      expect(start).toBeGreaterThan(10);
      expect(start).toBeLessThan(200);
    }
    expect(lines.at(-1)).toMatch(/^00:00:3\d {2}\d+ requests, .* 0 failed; own memory( \d+\.\d){4} MB$/);
  });
});
