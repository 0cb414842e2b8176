import { execFile } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { uriName } from './certificates.builder.ts';
import { recordHello } from './client-hello.builder.ts';
import { connectTls } from './connect-tls.ts';
import type { Credentials } from './credentials.ts';
import { HandshakeGate } from './handshake-gate.ts';
import { credentialsOf, issuer, ORDERS, stranger, TlsServer, WEB } from './mesh-tls.builder.ts';
import { type TlsConnection, TRANSPORT_ALPN } from './tls-connection.ts';

const never = new AbortController().signal;
const HOUR = 3_600_000;
const web = () => credentialsOf(issuer.certify(WEB));

describe('mesh TLS', () => {
  let server: TlsServer;
  const clients: TlsConnection[] = [];
  afterEach(() => {
    server.close();
    for (const { connection } of clients.splice(0)) connection.destroy();
  });

  const dial = async (
    credentials: Credentials,
    options: { serverId?: string; serverName?: string; alpn?: string; timeoutMs?: number } = {},
  ) => {
    const defaults = { serverId: ORDERS, serverName: ORDERS, timeoutMs: 2000 };
    const client = await connectTls(server.connect, credentials, { ...defaults, ...options })(never);
    clients.push(client);
    return client;
  };
  const listen = async (...args: Parameters<typeof TlsServer.listen>) => {
    server = await TlsServer.listen(...args);
  };
  const orders = () => credentialsOf(issuer.certify(ORDERS));

  it('tells the server who the client is, and carries bytes both ways to their end', async () => {
    await listen(orders());
    const [client, accepted] = await Promise.all([dial(web()), server.next()]);
    expect(accepted).toMatchObject({ clientId: WEB, alpn: null });
    expect(client.alpn).toBeNull();
    expect(accepted.connection.peer.port).toBe(client.connection.local.port);
    const atServer = new RecordingHandler();
    const atClient = new RecordingHandler();
    accepted.connection.handler = atServer;
    client.connection.handler = atClient;
    const body = Buffer.alloc(300_000, 'x');
    for (let piece = 0; piece < 3; piece++) client.connection.write(body.subarray(0, 100_000));
    client.connection.end();
    await atServer.when((heard) => heard.ended);
    expect(Buffer.concat(atServer.chunks).equals(body)).toBe(true);
    accepted.connection.write(Buffer.from('answer'));
    accepted.connection.end();
    await atClient.when((heard) => heard.closes === 1);
    expect([atClient.text, atClient.error]).toEqual(['answer', null]);
    expect([client.connection.bytesWritten, accepted.connection.bytesRead]).toEqual([300_000, 300_000]);
  });

  it('serves a client without a certificate, as nobody', async () => {
    await listen(orders());
    const [, accepted] = await Promise.all([dial(credentialsOf()), server.next()]);
    expect(accepted.clientId).toBeNull();
  });

  it('knows a client by the first DNS name or URI of its certificate', async () => {
    await listen(orders());
    const spiffe = issuer.certify('cn.is.no.identity', { names: [uriName('spiffe://td/ns/shop/sa/web')] });
    const [, accepted] = await Promise.all([dial(credentialsOf(spiffe)), server.next()]);
    expect(accepted.clientId).toBe('spiffe://td/ns/shop/sa/web');
  });

  it.each([
    ['of other anchors', stranger.certify(WEB), 'untrusted'],
    ['that came without its issuer', { ...issuer.certify(WEB), intermediates: [] }, 'untrusted'],
    ['that is expired', issuer.certify(WEB, { notAfter: new Date(Date.now() - 1000) }), 'expired'],
    ['that is not valid yet', issuer.certify(WEB, { notBefore: new Date(Date.now() + HOUR) }), 'expired'],
    [
      'that is for servers only',
      issuer.certify(WEB, { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }),
      'untrusted',
    ],
  ])('refuses a client certificate %s', async (_, certified, code) => {
    await listen(orders());
    const client = dial(credentialsOf(certified)).then(async ({ connection }) => {
      const owner = new RecordingHandler();
      connection.handler = owner;
      await owner.when((heard) => heard.ended || heard.closes > 0);
      return owner.bytes;
    });
    await expect(server.next()).rejects.toMatchObject({ code, peer: { ip: '127.0.0.1' } });
    await expect(client).resolves.toBe(0);
  });

  it.each([
    ['of other anchors', stranger.certify(ORDERS), 'untrusted'],
    ['that is expired', issuer.certify(ORDERS, { notAfter: new Date(Date.now() - 1000) }), 'expired'],
    ['of somebody else', issuer.certify(WEB), 'identity'],
    ['whose subject alone has the name', issuer.certify(ORDERS, { names: [] }), 'identity'],
  ])('refuses a server certificate %s', async (_, certified, code) => {
    await listen(credentialsOf(certified));
    server.next().catch(() => {});
    await expect(dial(web())).rejects.toMatchObject({ name: 'ConnectError', code: 'tls', cause: { code } });
  });

  it('asks for one name and accepts the identity it was told, a URI too', async () => {
    await listen(credentialsOf(issuer.certify('x', { names: [uriName('spiffe://td/orders')] })));
    await Promise.all([
      dial(web(), { serverId: 'spiffe://td/orders', serverName: 'any.name' }),
      server.next(),
    ]);
  });

  it('agrees on the transport protocol only if both want it', async () => {
    await listen(orders(), { alpn: TRANSPORT_ALPN });
    const [wanting] = await Promise.all([dial(web(), { alpn: TRANSPORT_ALPN }), server.next()]);
    expect(wanting.alpn).toBe(TRANSPORT_ALPN);
    const [plain, accepted] = await Promise.all([dial(web()), server.next()]);
    expect([plain.alpn, accepted.alpn]).toEqual([null, null]);
    server.close();
    await listen(orders());
    const [unwanted] = await Promise.all([dial(web(), { alpn: TRANSPORT_ALPN }), server.next()]);
    expect(unwanted.alpn).toBeNull();
  });

  it('shows a replaced certificate from the next handshake on', async () => {
    const mine = web();
    await listen(orders());
    const [first, before] = await Promise.all([dial(mine), server.next()]);
    mine.replace(issuer.certify('renewed.shop'));
    const [, after] = await Promise.all([dial(mine), server.next()]);
    expect([before.clientId, after.clientId]).toEqual([WEB, 'renewed.shop']);
    const owner = new RecordingHandler();
    before.connection.handler = owner;
    first.connection.write(Buffer.from('still here'));
    await owner.when((heard) => heard.text === 'still here');
  });

  it('keeps the old certificate when the new one is for another key', async () => {
    const mine = web();
    const other = issuer.certify('other.shop');
    expect(() => mine.replace({ ...other, key: issuer.certify('x').key })).toThrow();
    await listen(orders());
    const [, accepted] = await Promise.all([dial(mine), server.next()]);
    expect(accepted.clientId).toBe(WEB);
  });

  it('cannot be accepted before there is a certificate', async () => {
    await listen(credentialsOf());
    dial(web()).catch(() => {});
    await expect(server.next()).rejects.toMatchObject({ code: 'no-certificate' });
  });

  it.each([
    ['TLS 1.2', ['-tls1_2'], 'protocol'],
    ['no group in common', ['-groups', 'P-521'], 'protocol'],
  ])('refuses %s', async (_, args, code) => {
    await listen(orders());
    const child = execFile('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${server.port}`,
      '-servername',
      ORDERS,
      ...args,
    ]);
    await expect(server.next()).rejects.toMatchObject({ code });
    child.kill();
  });

  it('is spoken with openssl, by any of its suites', async () => {
    await listen(orders());
    for (const suite of [
      'TLS_AES_128_GCM_SHA256',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]) {
      const args = [
        '-connect',
        `127.0.0.1:${server.port}`,
        '-servername',
        ORDERS,
        '-ciphersuites',
        suite,
        '-quiet',
      ];
      const child = execFile('openssl', ['s_client', ...args]);
      const { connection } = await server.next();
      const owner = new RecordingHandler();
      connection.handler = owner;
      child.stdin?.write('hello\n');
      await owner.when((heard) => heard.text === 'hello\n');
      child.kill();
    }
  });

  it('waits no longer than told for a client that stops halfway', async () => {
    await listen(orders(), { timeoutMs: 30 });
    const refused = expect(server.next()).rejects.toMatchObject({ code: 'timeout' });
    const socket = await server.connect(never);
    const hello = await recordHello({ servername: ORDERS });
    socket.write(hello);
    await refused;
    socket.destroy();
  });

  it('gives up the oldest of too many unfinished handshakes for a new one', async () => {
    const gate = new HandshakeGate(1);
    await listen(orders(), { gate });
    const hello = await recordHello({ servername: ORDERS });
    const stalled = await server.connect(never);
    stalled.write(hello);
    const refused = expect(server.next()).rejects.toMatchObject({ code: 'displaced' });
    while (gate.size === 0) await new Promise((resolve) => setImmediate(resolve));
    const [, accepted] = await Promise.all([dial(web()), refused.then(() => server.next())]);
    expect(accepted.clientId).toBe(WEB);
    expect([gate.size, gate.displaced]).toEqual([0, 1]);
    stalled.destroy();
  });

  it('names a peer that hangs up or talks nonsense', async () => {
    await listen(orders());
    const hello = await recordHello({ servername: ORDERS });
    const leaving = await server.connect(never);
    leaving.write(hello);
    leaving.end();
    setImmediate(() => setImmediate(() => leaving.destroy()));
    await expect(server.next()).rejects.toMatchObject({ code: 'closed' });
    const babbling = await server.connect(never);
    babbling.write(Buffer.concat([hello, Buffer.alloc(200, 'x')]));
    await expect(server.next()).rejects.toMatchObject({ code: 'protocol' });
    babbling.destroy();
  });

  it('stops when the caller does', async () => {
    await listen(orders());
    const caller = new AbortController();
    const reason = new Error('enough');
    const dialing = connectTls(server.connect, web(), {
      serverId: ORDERS,
      serverName: ORDERS,
      timeoutMs: 2000,
    });
    const attempt = dialing(caller.signal);
    server.next().catch(() => {});
    setImmediate(() => caller.abort(reason));
    await expect(attempt).rejects.toBe(reason);
  });
});
