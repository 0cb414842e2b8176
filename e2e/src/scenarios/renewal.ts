import { X509Certificate } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { type Authority, identityOf, issuerSecret } from '../harness/credentials.ts';
import { Load } from '../harness/load.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { waitFor } from '../harness/wait-for.ts';

const WORKLOADS = ['web', 'orders', 'mail', 'ticker', 'traffic'];

async function renewals(mesh: Mesh): Promise<number> {
  const pods = WORKLOADS.flatMap((workload) => mesh.pods(workload));
  const counts = await Promise.all(
    pods.map(({ ip }) => metric(mesh, ip, 'control_identity_cert_refreshes_total', { result: 'ok' })),
  );
  return Math.min(...counts) - 1;
}

/** The serial number of the certificate that signed what a proxy now presents. */
async function issuerSeen(mesh: Mesh): Promise<string> {
  const answer = await mesh.router('tls-request.mjs', mesh.pod('web').ip, '8080', identityOf('web'), '/');
  return (JSON.parse(answer) as { issuer: string }).issuer;
}

export function renewalScenario(mesh: () => Mesh, authority: Authority): void {
  it('leaves of 20 s under constant load: three renewals and one issuer replacement, 0 failed requests of all sent', async () => {
    const load = await Load.begin(mesh());
    const first = await renewals(mesh());
    const oldIssuer = await issuerSeen(mesh());

    await waitFor('one renewal', 40_000, async () => (await renewals(mesh())) > first);
    const issuer = authority.issuer();
    mesh().folder.write('issuer.yaml', issuerSecret(issuer));
    await waitFor('three renewals of every proxy', 90_000, async () => (await renewals(mesh())) >= first + 3);

    const { sent, failed, errors } = await load.soFar();
    expect(errors).toEqual([]);
    expect(failed).toBe(0);
    expect(sent).toBeGreaterThan(500);
    const newIssuer = new X509Certificate(issuer.certChainPem).serialNumber;
    expect(newIssuer).not.toBe(oldIssuer);
    expect(await issuerSeen(mesh())).toBe(newIssuer);
  });
}
