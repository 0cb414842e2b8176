import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SPIFFE_ID, SpireAgent, svidOf } from '../src/identity/spire/spire-agent.builder.ts';
import { Authority, uriName } from '../src/tls/certificates.builder.ts';
import { ControlPlane } from './control-plane.builder.ts';
import { eventually, ProxyProcess } from './proxy-process.builder.ts';

jest.setTimeout(20_000);

const SERVER_NAME = 'orders.cluster.local';

let controlPlane: ControlPlane;
let agent: SpireAgent;
let proxy: ProxyProcess;
beforeEach(async () => {
  controlPlane = await ControlPlane.start();
  agent = await SpireAgent.listen();
  proxy = new ProxyProcess(controlPlane, {
    env: {
      IDENTITY_SPIRE_WORKLOAD_API_ADDRESS: `unix://${agent.path}`,
      IDENTITY_SERVER_ID: SPIFFE_ID,
      IDENTITY_SERVER_NAME: SERVER_NAME,
      IDENTITY_LOCAL_NAME: undefined,
      IDENTITY_TOKEN_FILE: undefined,
      IDENTITY_DIR: undefined,
      IDENTITY_SVC_ADDR: undefined,
    },
  });
});
afterEach(async () => {
  await proxy.kill();
  await agent.remove();
  await controlPlane.stop();
});

const issuer = () => controlPlane.issuer;

/** The certificate that the proxy shows; rejects when it does not take the one of the client. */
function shown(client = issuer()): Promise<X509Certificate> {
  const { key, leaf, intermediates } = client.certify('', { names: [uriName('spiffe://cluster.local/web')] });
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: proxy.adminPort,
      servername: SERVER_NAME,
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: [leaf, ...intermediates].map(String).join(''),
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      socket.write('GET /live HTTP/1.1\r\nhost: orders\r\n\r\n');
    });
    socket.once('data', () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate !== undefined) resolve(certificate);
      socket.destroy();
    });
    socket.once('error', reject).once('close', () => reject(new Error('closed')));
  });
}

describe('a proxy whose identity comes from SPIRE', () => {
  it('is ready when the agent has certified it, and shows the new certificate when there is one', async () => {
    await proxy.listening();
    await eventually('it asks', () => agent.watchers === 1);
    expect((await proxy.admin('/ready')).status).toBe(503);
    agent.send(svidOf(issuer()));
    await proxy.ready();
    expect(controlPlane.certifyCalls).toEqual([]);
    const first = await shown();
    expect(first.subjectAltName).toBe(`URI:${SPIFFE_ID}`);
    expect(await proxy.metric('control_identity_cert_refreshes_total', 'result="ok"')).toBe(1);
    agent.send(svidOf(issuer()));
    await eventually('it is used', async () => (await shown()).serialNumber !== first.serialNumber);
    expect(agent.calls).toHaveLength(1);
  });

  it('trusts what its trust domain trusts, while it does', async () => {
    agent.send(svidOf(issuer()));
    await proxy.ready();
    const next = Authority.root('next');
    await expect(shown(next)).rejects.toThrow();
    agent.send(svidOf(issuer(), { bundle: [controlPlane.root, next] }));
    await eventually('a client of the new anchor is taken', () => shown(next).then(Boolean, () => false));
    agent.send(svidOf(issuer(), { bundle: [controlPlane.root] }));
    await eventually('it is not any more', () => shown(next).then(() => false, Boolean));
  });

  it('keeps its certificate while the agent is away, and asks again', async () => {
    agent.send(svidOf(issuer()));
    await proxy.ready();
    const first = await shown();
    await agent.stop();
    const stale = () => proxy.metric('control_watch_stale_seconds', 'kind="identity"');
    await eventually('it knows', async () => (await stale()) > 0);
    expect((await shown()).serialNumber).toBe(first.serialNumber);
    agent.send(svidOf(issuer()));
    await agent.resume();
    await eventually('the new one is used', async () => (await shown()).serialNumber !== first.serialNumber);
  });

  it('asks again when it is not certified, but not when it is told never to', async () => {
    agent.refuse(7);
    await proxy.listening();
    await eventually('it asks again', () => agent.calls.length >= 3);
    agent.refuse(3);
    await eventually('it gives up', () => proxy.log.some((line) => line.includes('refuses to certify')));
    const calls = agent.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(agent.calls).toHaveLength(calls);
    expect((await proxy.admin('/ready')).status).toBe(503);
  });

  it('ends when it is told to', async () => {
    agent.send(svidOf(issuer()));
    await proxy.ready();
    proxy.signal('SIGTERM');
    expect(await proxy.exited).toBe(0);
  });
});
