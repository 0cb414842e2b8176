import { expect, it } from '@jest/globals';
import type { ControlPlane, Leaf } from '../harness/control-plane.ts';
import { identityOf } from '../harness/credentials.ts';
import type { Mesh } from '../harness/mesh.ts';
import { metric } from '../harness/metrics.ts';
import { pause, waitFor } from '../harness/wait-for.ts';

/** Who issues the certificates that clients come with. */
export interface Issuers {
  /** Below the mesh's own anchor, for a day and for two seconds. */
  readonly trusted: () => ControlPlane;
  readonly fleeting: () => ControlPlane;
  /** Below another anchor. */
  readonly foreign: () => ControlPlane;
}

const PORT = '8080';
const FLEETING_MS = 2000;

export function refusedClientsScenario(mesh: () => Mesh, issuers: Issuers): void {
  /** Asks the ticker, which serves only orders, with this certificate. */
  async function ask(leaf?: Leaf): Promise<string> {
    const env = leaf === undefined ? {} : { LEAF: JSON.stringify(leaf) };
    const { ip } = mesh().pod('ticker');
    const answer = await mesh().routerWith(env, 'tls-request.mjs', ip, PORT, identityOf('ticker'), '/prices');
    return (JSON.parse(answer) as { outcome: string }).outcome;
  }

  const log = () => mesh().logs('ticker', 'linkerd-proxy');
  const count = (name: string, labels = {}) => metric(mesh(), mesh().pod('ticker').ip, name, labels);

  /** What the proxy counts and logs while `act` runs. */
  async function noticed(
    name: string,
    labels: Record<string, string>,
    line: RegExp,
    act: () => Promise<void>,
  ) {
    const before = await count(name, labels);
    const logged = log().length;
    await act();
    await waitFor(`${name} counts`, 5000, async () => (await count(name, labels)) === before + 1);
    await waitFor(`a log line like ${line}`, 5000, () => line.test(log().slice(logged)));
  }

  const denied = 'inbound_http_authz_deny_total';
  const failed = 'tls_handshake_failures_total';

  it('a client with the certificate that is asked for is served', async () => {
    expect(await ask(await issuers.trusted().certify('orders'))).toBe('426');
  });

  it('a client without a certificate is refused, counted and logged', async () => {
    await noticed(denied, { target_port: PORT, client_id: '' }, /denied.*target=\S+:8080/, async () => {
      expect(await ask()).toBe('403');
    });
  });

  it('a client of another trust anchor is refused, counted and logged', async () => {
    const leaf = await issuers.foreign().certify('orders');
    await noticed(
      failed,
      { direction: 'inbound', reason: 'untrusted' },
      /certificate is refused/,
      async () => {
        expect(await ask(leaf)).not.toMatch(/^\d+$/);
      },
    );
  });

  it('a client with an expired certificate is refused, counted and logged', async () => {
    const leaf = await issuers.fleeting().certify('orders');
    await pause(FLEETING_MS + 1500);
    await noticed(failed, { direction: 'inbound', reason: 'expired' }, /CERT_HAS_EXPIRED/, async () => {
      expect(await ask(leaf)).not.toMatch(/^\d+$/);
    });
  });

  it('a client with another identity than the policy asks for is refused, counted and logged', async () => {
    const leaf = await issuers.trusted().certify('intruder');
    const labels = { target_port: PORT, client_id: identityOf('intruder') };
    await noticed(denied, labels, /denied.*client_id=intruder\./, async () => {
      expect(await ask(leaf)).toBe('403');
    });
  });

  it('a server with another identity than its client asks for is refused, counted and logged', async () => {
    // A slice that says orders and leads to mail: whoever answers there cannot prove to be orders.
    const { ip } = mesh().pod('mail');
    const metadata = { name: 'decoy', namespace: 'shop' };
    mesh().folder.write(
      'decoy.yaml',
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 80 }] } },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'decoy' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080 }],
        endpoints: [
          {
            addresses: [ip],
            conditions: { ready: true },
            targetRef: { kind: 'Pod', namespace: 'shop', name: mesh().pod('orders').name },
          },
        ],
      },
    );
    const client = mesh().pod('traffic').ip;
    const labels = { direction: 'outbound', reason: 'identity' };
    const before = await metric(mesh(), client, failed, labels);
    await waitFor('the request is refused', 10_000, async () => {
      return /^5\d\d$/m.test(await mesh().inside('traffic', 'status.mjs', 'http://decoy/'));
    });
    await waitFor(
      'the refusal is counted',
      5000,
      async () => (await metric(mesh(), client, failed, labels)) > before,
    );
    expect(mesh().logs('traffic', 'linkerd-proxy')).toMatch(/orders\.shop\.serviceaccount/);
    mesh().folder.remove('decoy.yaml');
  });
}
