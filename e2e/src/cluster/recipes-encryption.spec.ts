import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { capture, isReadable, portsReached } from './harness/capture.ts';
import { installed } from './harness/installation.ts';
import { toYaml, tryKubectl } from './harness/kubectl.ts';
import { peer, SNIFFER } from './harness/peer.ts';
import { containersOf, isMeshed, TestNamespace } from './harness/test-namespace.ts';
import { weft } from './harness/weft.ts';

const MESH_PORT = 4143;
const DEBUG = { 'config.linkerd.io/enable-debug-sidecar': 'true' };
const SKIP = {
  'config.linkerd.io/skip-inbound-ports': '8080',
  'config.linkerd.io/skip-outbound-ports': '8080',
};
const ports = [8080, 9090];
const IDENTITY = 'default.recipes-encryption.serviceaccount.identity.linkerd.cluster.local';

/** What a server saw of a request, and what passed its interface meanwhile. */
interface Seen {
  /** Ports of the server's to which the client's pod has sent anything. */
  readonly ports: readonly number[];
  /** Address of whoever connected to the application. */
  readonly from: string;
  /** The client's identity, as the server's proxy has proven it; empty without. */
  readonly client: string;
  /** Whether the request could be read on the way. */
  readonly readable: boolean;
}

describe('encryption, as the guide has it', () => {
  let mesh: TestNamespace;
  let requests = 0;
  const ips = new Map<string, string>();

  beforeAll(async () => {
    await installed();
    mesh = await TestNamespace.create('recipes-encryption', 'enabled');
    await mesh.apply(
      ...peer('client'),
      ...peer('server', { ports, annotations: DEBUG }),
      ...peer('skipping', { ports, annotations: { ...DEBUG, ...SKIP } }),
      ...peer('disabled', {
        ports,
        annotations: { 'linkerd.io/inject': 'disabled' },
        containers: [SNIFFER],
      }),
    );
    await mesh.ready();
    for (const workload of ['client', 'server', 'skipping', 'disabled'])
      ips.set(workload, (await mesh.pod(workload)).status.podIP!);
  });
  afterAll(() => mesh?.delete());

  /** Sends a request and watches the server's interface. */
  async function request(from: string, to: string, port: number): Promise<Seen> {
    const secret = `secret-${process.pid}-${requests++}`;
    let answer = '';
    const packets = await capture(
      mesh,
      to,
      async () => {
        answer = await mesh.inside(from, 'fetch.mjs', `http://${to}:${port}/${secret}`);
      },
      to === 'disabled' ? 'sniffer' : 'linkerd-debug',
    );
    const { from: caller, client, path } = JSON.parse(answer) as Record<'from' | 'client' | 'path', string>;
    expect(path).toBe(`/${secret}`);
    const ports = portsReached(packets, ips.get(from)!, ips.get(to)!);
    return { from: caller, client, ports, readable: isReadable(packets, secret) };
  }

  /** Nobody can read it, and the application hears from the proxy beside it, who says who the client is. */
  async function expectEncrypted(from: string, to: string, port: number): Promise<void> {
    expect(await request(from, to, port)).toEqual({
      ...{ readable: false, ports: [MESH_PORT] },
      ...{ from: ips.get(to), client: IDENTITY },
    });
  }

  /** Everybody can read it; the application hears from whoever is named. */
  async function expectPlain(from: string, to: string, port: number, heardFrom: string): Promise<void> {
    expect(await request(from, to, port)).toEqual({
      ...{ readable: true, ports: [port] },
      ...{ from: ips.get(heardFrom), client: '' },
    });
  }

  it('nothing to do: a pod of a namespace that has opted in is meshed, and what it says is encrypted', async () => {
    expect(containersOf(await mesh.pod('client'))).toEqual(['linkerd-init', 'linkerd-proxy', 'client']);
    await expectEncrypted('client', 'server', 8080);
    await expectEncrypted('client', 'server', 9090);
  });

  it('linkerd.io/inject: disabled on the pod template: no proxy, and nothing is encrypted', async () => {
    expect(containersOf(await mesh.pod('disabled'))).toEqual(['disabled', 'sniffer']);
    await expectPlain('client', 'disabled', 8080, 'client');
    await expectPlain('disabled', 'server', 9090, 'server');
  });

  it('linkerd.io/inject on the Deployment itself is not seen: it has to be on the pod template', async () => {
    const [deployment] = peer('misplaced');
    const metadata = { ...deployment.metadata, annotations: { 'linkerd.io/inject': 'disabled' } };
    await mesh.apply({ ...deployment, metadata });
    expect(isMeshed(await mesh.pod('misplaced'))).toBe(true);
  });

  it('skip-inbound-ports 8080: readable on that port and past the proxy, encrypted on others', async () => {
    await expectPlain('client', 'skipping', 8080, 'client');
    await expectEncrypted('client', 'skipping', 9090);
  });

  it('skip-outbound-ports 8080: readable to that port and past the proxy, encrypted to others', async () => {
    // The server's own proxy does not skip the port.
    await expectPlain('skipping', 'server', 8080, 'server');
    await expectEncrypted('skipping', 'server', 9090);

    const { metadata } = await mesh.pod('skipping');
    const counted = (await mesh.metrics(metadata.name, 'skipping'))
      .split('\n')
      .filter((line) => line.startsWith('request_total{direction="outbound"'));
    expect(counted.some((line) => line.includes('target_port="9090"'))).toBe(true);
    expect(counted.filter((line) => line.includes('target_port="8080"'))).toEqual([]);
  });

  it('ports without quotes, as the guide prints them: refused by Kubernetes, and mended by weft inject', async () => {
    const [deployment] = peer('unquoted', { annotations: SKIP });
    const quoted = toYaml([{ ...deployment, metadata: { name: 'unquoted', namespace: mesh.name } }]);
    const printed = quoted.replaceAll('-ports: "8080"', '-ports: 8080');
    expect(printed).toContain('config.linkerd.io/skip-inbound-ports: 8080\n');
    const refused = await tryKubectl(['apply', '-f', '-'], printed);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'cannot unmarshal number into Go struct field ObjectMeta.spec.template.metadata.annotations of type string',
    );
    await mesh.kubectl(['apply', '-f', '-'], await weft(['inject', '-'], printed));
    const { metadata } = await mesh.pod('unquoted');
    expect(metadata.annotations).toMatchObject(SKIP);
  });
});
