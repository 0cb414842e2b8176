import { X509Certificate } from 'node:crypto';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type GrpcClient, toPem } from '@weft/service';
import { csrFor, keys } from './certificate/csr.builder.ts';
import { IdentityProcess, runToEnd } from './identity-process.builder.ts';

jest.setTimeout(20_000);

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const key = keys.p256();
const csr = csrFor(identity, { key });

let service: IdentityProcess;
beforeEach(() => {
  service = new IdentityProcess();
});
afterEach(() => service.dispose());

async function eventually<T>(look: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (let round = 0; round < 300; round += 1) {
    const value = await look();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('did not happen within 6 s');
}

const ready = () =>
  eventually(
    () => service.admin('/ready'),
    ({ status }) => status === 200,
  );
const certify = (client: GrpcClient) =>
  service.certify(client, identity, service.tokenFor('web', 'shop'), csr);
const issuerOfLeaf = (der: Uint8Array, issuer: X509Certificate) =>
  new X509Certificate(der).verify(issuer.publicKey);

describe('identity as a process', () => {
  it('certifies over mesh TLS, then over the certificate it gave, and stops in order', async () => {
    service.writeIssuer(service.newIssuer());
    await service.start();
    await ready();
    const answer = await certify(service.client());
    const certificate = new X509Certificate(answer.leafCertificate);
    expect(certificate.subjectAltName).toBe(`DNS:${identity}`);
    expect(timestampDate(answer.validUntil!)).toEqual(certificate.validToDate);
    const chain = [answer.leafCertificate, ...answer.intermediateCertificates];
    const certChainPem = chain.map((der) => toPem('CERTIFICATE', der)).join('');
    const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    const meshed = service.client({
      anchorsPem: service.anchor.certChainPem,
      leaf: { certChainPem, keyPem },
    });
    await expect(certify(meshed)).resolves.toBeDefined();
    expect((await service.admin('/metrics')).text).toContain('issuer_cert_ttl_seconds');
    expect(await service.stop()).toBe(0);
    expect(service.log.at(-1)).toContain('shut down');
  });

  it('is alive but not ready until there is an issuer, and then takes it', async () => {
    await service.start('-mesh-tls=true');
    expect((await service.admin('/live')).status).toBe(200);
    expect((await service.admin('/ready')).status).toBe(500);
    service.writeIssuer(service.newIssuer());
    await ready();
    await expect(certify(service.client())).resolves.toBeDefined();
  });

  it('changes issuers under load without a failed request, and keeps the old one when the new is bad', async () => {
    service.writeIssuer(service.newIssuer());
    await service.start();
    await ready();
    const client = service.client();
    let loading = true;
    let failed = 0;
    let served = 0;
    const load = Array.from({ length: 8 }, async () => {
      // The first failure is one too many, and a client without a server fails without a pause.
      while (loading && failed === 0) {
        await certify(client).then(
          () => (served += 1),
          () => (failed += 1),
        );
      }
    });
    const bad = { ...service.newIssuer(), keyPem: service.newIssuer().keyPem };
    service.writeIssuer(bad);
    await eventually(
      () => service.admin('/metrics'),
      ({ text }) => text.includes('identity_issuer_reloads_total{result="refused"} 1'),
    );
    const next = service.newIssuer();
    service.writeIssuer(next);
    const issuer = new X509Certificate(next.certChainPem);
    await eventually(
      () => certify(client),
      ({ leafCertificate }) => issuerOfLeaf(leafCertificate, issuer),
    );
    loading = false;
    await Promise.all(load);
    expect(failed).toBe(0);
    expect(served).toBeGreaterThan(20);
  });

  it('refuses a client of another trust anchor and an oversize request, and serves the others', async () => {
    service.writeIssuer(service.newIssuer());
    await service.start();
    await ready();
    const stranger = new IdentityProcess();
    const foreign = stranger.newIssuer();
    await stranger.dispose();
    const anchorsPem = service.anchor.certChainPem;
    const client = service.client();
    await expect(certify(service.client({ anchorsPem, leaf: foreign }))).rejects.toThrow();
    await expect(service.certify(client, identity, new Uint8Array(100_000), csr)).rejects.toMatchObject({
      code: 'resource_exhausted',
    });
    await expect(service.certify(client, identity, Buffer.from('x'), csr)).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(certify(client)).resolves.toBeDefined();
    const { text } = await service.admin('/metrics');
    expect(text).toContain('grpc_server_connections_refused_total{reason="certificate"}');
  });

  it('goes on without a Redis that is away', async () => {
    service.writeIssuer(service.newIssuer());
    await service.start('-redis-url=redis://127.0.0.1:1');
    await ready();
    await expect(certify(service.client())).resolves.toBeDefined();
  });
});

describe('the command line', () => {
  it('ends with 64 and names every key and value that cannot be used', async () => {
    const { code, stderr } = await runToEnd(['-addr=nowhere', '-identity-scheme=mine']);
    expect(code).toBe(64);
    expect(stderr.trim().split('\n')).toEqual([
      '-addr="nowhere": expected host:port or :port',
      '-identity-scheme="mine": expected linkerd.io/tls or kubernetes.io/tls',
    ]);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runToEnd(['-help']);
    expect(code).toBe(0);
    expect(stdout).toContain('-identity-issuance-lifetime');
  });

  it('ends with 1 when it cannot start, and says why', async () => {
    const { code, stdout } = await runToEnd(['-admin-addr=127.0.0.1:0', '-token-public-keys=/nonexistent']);
    expect(code).toBe(1);
    expect(stdout).toContain('/nonexistent');
  });

  it('ends with 1 when there is nobody to ask about tokens, and says what would help', async () => {
    const { code, stdout } = await runToEnd(['-admin-addr=127.0.0.1:0']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/KUBERNETES_SERVICE_HOST.*kubeconfig/);
  });
});
