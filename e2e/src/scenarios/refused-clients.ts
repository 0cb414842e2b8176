import { expect, it } from '@jest/globals';
import type { ControlPlane, Leaf } from '../harness/control-plane.ts';
import { identityOf } from '../harness/credentials.ts';
import type { Manifest } from '../harness/folder.ts';
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
    expect(await ask(await issuers.trusted().certify('orders'))).toBe('200');
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
    const leaf = await issuers.trusted().certify('stranger');
    const labels = { target_port: PORT, client_id: identityOf('stranger') };
    await noticed(denied, labels, /denied.*client_id=stranger\./, async () => {
      expect(await ask(leaf)).toBe('403');
    });
  });

  it('a server with another identity than its client asks for is refused, counted and logged', async () => {
    const { folder } = mesh();
    folder.write('impostor.yaml', impostor(await issuers.trusted().certify('stranger')));
    await mesh().scaled('impostor', 1);
    folder.write('decoy.yaml', ...decoy(mesh().pod('impostor').ip, mesh().pod('orders').name));
    const client = mesh().pod('traffic').ip;
    const labels = { direction: 'outbound', reason: 'identity' };
    const before = await metric(mesh(), client, failed, labels);
    await waitFor('the refusal is counted', 20_000, async () => {
      expect(await mesh().inside('traffic', 'status.mjs', 'http://decoy/')).toMatch(/^5\d\d$/m);
      return (await metric(mesh(), client, failed, labels)) > before;
    });
    expect(mesh().logs('traffic', 'linkerd-proxy')).toMatch(
      /orders\.shop\.serviceaccount.*stranger\.shop\.serviceaccount/,
    );
    folder.remove('decoy.yaml');
    folder.remove('impostor.yaml');
  });
}

/** A pod outside the mesh that answers on the port of a proxy, with a certificate of the mesh. */
function impostor(leaf: Leaf): Manifest {
  const labels = { app: 'impostor' };
  const container = {
    name: 'impostor',
    command: ['node', '/weft/build/e2e/src/inside/impostor.mjs'],
    env: [{ name: 'LEAF', value: JSON.stringify(leaf) }],
    readinessProbe: { tcpSocket: { port: 4143 } },
  };
  const metadata = { labels, annotations: { 'linkerd.io/inject': 'disabled' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'impostor', namespace: 'shop' },
    spec: { selector: { matchLabels: labels }, template: { metadata, spec: { containers: [container] } } },
  };
}

/** A service whose only endpoint is said to be one pod and leads to the address of another. */
function decoy(ip: string, pod: string): readonly Manifest[] {
  const metadata = { name: 'decoy', namespace: 'shop' };
  const targetRef = { kind: 'Pod', namespace: 'shop', name: pod };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 80 }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'decoy' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: [ip], conditions: { ready: true }, targetRef }],
    },
  ];
}
