import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { Registry } from 'prom-client';
import { GrpcClient } from '../grpc/client.ts';
import { GrpcServer } from '../grpc/server.ts';
import { recordingLogger } from '../log/recorder.builder.ts';
import { TestAuthority } from './authority.builder.ts';
import { CredentialsStore } from './credentials.ts';

const serverName = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local';
const clientName = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const authority = new TestAuthority();
const stranger = new TestAuthority('stranger');
const host = '127.0.0.1';

let server: GrpcServer;
let registry: Registry;
let log: ReturnType<typeof recordingLogger>;
let credentials: CredentialsStore;
let port: number;
const clients: GrpcClient[] = [];

beforeEach(async () => {
  registry = new Registry();
  log = recordingLogger();
  credentials = new CredentialsStore({ anchorsPem: authority.anchorPem, leaf: authority.issue(serverName) });
  server = new GrpcServer({ logger: log.logger, registry });
  server.serve(Identity, {
    certify: async (_request, call) =>
      create(CertifyResponseSchema, { leafCertificate: Buffer.from(call.clientIdentity ?? 'nobody') }),
  });
  ({ port } = await server.listen({ host, port: 0 }, { serverName, credentials }));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.drain(AbortSignal.timeout(200));
});

interface Peer {
  readonly store?: CredentialsStore;
  readonly sni?: string;
  readonly serverId?: string;
}

/** Who the server takes the client for. */
async function whoAmI({ store = anonymous(), sni = serverName, serverId = sni }: Peer = {}): Promise<string> {
  const client = new GrpcClient({
    target: `${host}:${port}`,
    tls: { serverName: sni, serverId, credentials: store },
  });
  clients.push(client);
  const answer = await client.unary(Identity.method.certify, {}, { timeoutMs: 3_000 });
  return Buffer.from(answer.leafCertificate).toString();
}

const anonymous = () => new CredentialsStore({ anchorsPem: authority.anchorPem });
const bearing = (leaf: { certChainPem: string; keyPem: string }, anchorsPem = authority.anchorPem) =>
  new CredentialsStore({ anchorsPem, leaf });

async function refusals(): Promise<string[]> {
  const text = await registry.getSingleMetricAsString('grpc_server_connections_refused_total');
  return [...text.matchAll(/reason="(\w+)"/g)].map(([, reason]) => reason!);
}

/** The socket of a handshake that the server accepted; undefined when it did not. */
function handshake(options: ConnectionOptions): Promise<TLSSocket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false, ...options }, () => resolve(socket));
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(undefined));
  });
}

describe('a mesh TLS server', () => {
  it('serves a client without a certificate, and knows no identity of it', async () => {
    expect(await whoAmI()).toBe('nobody');
  });

  it('makes the identity of a client certificate known', async () => {
    expect(await whoAmI({ store: bearing(authority.issue(clientName)) })).toBe(clientName);
  });

  it('takes the first DNS or URI name of the certificate, and no name inside another', async () => {
    const leaf = authority.issue(clientName, { dns: ['evil, DNS:admin', 'second'], uris: ['spiffe://x'] });
    expect(await whoAmI({ store: bearing(leaf) })).toBe('evil, DNS:admin');
  });

  it('speaks TLS 1.3 with peers that offer no ALPN, and HTTP/2 with those that offer h2', async () => {
    const silent = await handshake({ servername: serverName });
    expect(silent).toMatchObject({ alpnProtocol: false });
    expect(silent!.getProtocol()).toBe('TLSv1.3');
    silent!.destroy();
    const generic = await handshake({ servername: serverName, ALPNProtocols: ['h2'] });
    expect(generic).toMatchObject({ alpnProtocol: 'h2' });
    generic!.destroy();
  });

  it('refuses TLS 1.2', async () => {
    expect(await handshake({ servername: serverName, maxVersion: 'TLSv1.2' })).toBeUndefined();
    expect(await refusals()).toContain('handshake');
  });

  it('ends only handshakes that name it', async () => {
    expect(await handshake({ servername: clientName })).toBeUndefined();
    expect(await refusals()).toContain('server_name');
    expect(await handshake({})).toBeUndefined();
    expect(await refusals()).toContain('handshake');
  });

  it('compares names without case', async () => {
    const socket = await handshake({ servername: serverName.toUpperCase() });
    expect(socket).toBeDefined();
    socket!.destroy();
  });

  const hour = 3_600_000;
  it.each([
    ['of another trust anchor', stranger.issue(clientName)],
    ['that has expired', authority.issue(clientName, { notAfter: new Date(Date.now() - hour / 2) })],
    ['that is not valid yet', authority.issue(clientName, { notBefore: new Date(Date.now() + hour / 2) })],
  ])('refuses a certificate %s, with metric and log line', async (_case, leaf) => {
    await expect(whoAmI({ store: bearing(leaf) })).rejects.toMatchObject({ code: expect.any(String) });
    expect(await refusals()).toContain('certificate');
    expect(log.events).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'connection refused',
        fields: expect.objectContaining({ reason: 'certificate' }),
      }),
    );
  });

  it('refuses everyone while it has no certificate of its own', async () => {
    const waiting = new CredentialsStore({ anchorsPem: authority.anchorPem });
    const bound = await server.listen({ host, port: 0 }, { serverName, credentials: waiting });
    port = bound.port;
    expect(await handshake({ servername: serverName })).toBeUndefined();
    expect(await refusals()).toContain('no_credentials');
    waiting.replace({ anchorsPem: authority.anchorPem, leaf: authority.issue(serverName) });
    expect(await whoAmI()).toBe('nobody');
  });

  it('uses a replaced certificate and replaced anchors from the next handshake on', async () => {
    const stranded = bearing(stranger.issue(clientName));
    await expect(whoAmI({ store: stranded })).rejects.toMatchObject({ code: 'unavailable' });
    const both = stranger.anchorPem + authority.anchorPem;
    credentials.replace({ anchorsPem: both, leaf: stranger.issue(serverName) });
    expect(await whoAmI({ store: bearing(stranger.issue(clientName), stranger.anchorPem) })).toBe(clientName);
  });

  it('closes a connection whose handshake never ends', async () => {
    const impatient = new GrpcServer({
      logger: log.logger,
      registry: new Registry(),
      limits: { handshakeMs: 50 },
    });
    const bound = await impatient.listen({ host, port: 0 }, { serverName, credentials });
    const socket = connectTcp(bound.port, host);
    await new Promise((resolve) =>
      socket
        .once('close', resolve)
        .on('error', () => {})
        .resume(),
    );
    await impatient.drain(AbortSignal.timeout(200));
  });
});

describe('a mesh TLS client', () => {
  it('refuses a server that proves another identity than asked for, and names both', async () => {
    await expect(whoAmI({ serverId: clientName })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`expected identity ${clientName}`),
    });
  });

  it('refuses a server of another trust anchor', async () => {
    const store = new CredentialsStore({ anchorsPem: stranger.anchorPem });
    await expect(whoAmI({ store })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('may ask for a server by a name that is not its identity', async () => {
    credentials.replace({
      anchorsPem: authority.anchorPem,
      leaf: authority.issue(serverName, { dns: [], uris: ['spiffe://root/identity'] }),
    });
    expect(await whoAmI({ serverId: 'spiffe://root/identity' })).toBe('nobody');
  });
});

describe('a credentials store', () => {
  it('keeps the old credentials when new ones do not fit together', () => {
    const before = credentials.current;
    const leaf = { ...authority.issue(serverName), keyPem: authority.issue(serverName).keyPem };
    expect(() => credentials.replace({ anchorsPem: authority.anchorPem, leaf })).toThrow(
      'mesh credentials cannot be used',
    );
    expect(() => credentials.replace({ anchorsPem: 'nothing' })).toThrow('mesh credentials cannot be used');
    expect(credentials.current).toBe(before);
  });

  it('tells its subscribers about replacements until they leave', () => {
    let replacements = 0;
    const unsubscribe = credentials.subscribe(() => {
      replacements += 1;
    });
    credentials.replace({ anchorsPem: authority.anchorPem });
    unsubscribe();
    credentials.replace({ anchorsPem: authority.anchorPem });
    expect(replacements).toBe(1);
  });
});
