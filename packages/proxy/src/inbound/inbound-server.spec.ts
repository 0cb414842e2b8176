import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { connect as connectTcpSocket } from 'node:net';
import { connect as connectTlsSocket, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { detect, grpc, http1, http2, identities, opaque, serverPolicy } from '../policy/server.builder.ts';
import type { Client } from '../tls/dial.builder.ts';
import { credentialsOf, issuer, stranger, WEB } from '../tls/mesh-tls.builder.ts';
import { TRANSPORT_ALPN } from '../tls/tls-connection.ts';
import { encodeTransportHeader, type TransportHeader } from '../transport-header/header.ts';
import { App, InboundWorld, until } from './inbound-server.builder.ts';

const web = () => credentialsOf(issuer.certify(WEB));
const GET = 'GET /hello HTTP/1.1\r\nhost: orders\r\n\r\n';

let world: InboundWorld;
const start = async (environment: Record<string, string> = {}) => {
  world = await InboundWorld.start(environment);
};
afterEach(() => world.close());

/** An application that answers with what it was asked. */
const talkative = () =>
  App.http((request, response) => {
    const { method, url, httpVersion, headers } = request;
    response.end(JSON.stringify({ method, url, httpVersion, client: headers['l5d-client-id'] ?? null }));
  });

const answered = async (client: Client): Promise<Record<string, unknown>> => {
  await client.heard.when(({ text }) => text.includes('\r\n\r\n') && text.endsWith('}'));
  return JSON.parse(client.heard.text.slice(client.heard.text.indexOf('{'))) as Record<string, unknown>;
};

const closed = (client: Client) => client.heard.when(({ closes, ended }) => closes > 0 || ended);

const echo = () =>
  App.tcp((socket) => {
    socket.pipe(socket);
  });

describe('a plain connection', () => {
  it('of HTTP/1 reaches the application it was meant for', async () => {
    await start();
    const app = await world.app(talkative());
    const client = await world.dial();
    client.send(GET);
    expect(await answered(client)).toEqual({
      method: 'GET',
      url: '/hello',
      httpVersion: '1.1',
      client: null,
    });
    expect(world.metrics('tcp_open_total', 'peer="src"')).toEqual([
      `tcp_open_total{direction="inbound",peer="src",target_addr="127.0.0.1:${app.port}",` +
        `target_ip="127.0.0.1",target_port="${app.port}",tls="no_identity",no_tls_reason="loopback",` +
        `srv_group="policy.linkerd.io",srv_kind="server",srv_name="web",srv_port="${app.port}"} 1`,
    ]);
    expect(world.metrics('tcp_open_total', 'peer="dst"')).toEqual([
      'tcp_open_total{direction="inbound",peer="dst",tls="no_identity",no_tls_reason="loopback"} 1',
    ]);
    const [found] = world.metrics('inbound_tcp_detect_http_results_total', 'result="http/1"');
    expect(found).toMatch(/ 1$/);
  });

  it('of something else is carried both ways to its end', async () => {
    await start();
    await world.app(echo());
    const client = await world.dial();
    client.send('neither HTTP nor TLS\n');
    client.connection.end();
    await client.heard.when(({ closes }) => closes === 1);
    expect(client.heard.text).toBe('neither HTTP nor TLS\n');
    expect(world.metrics('inbound_tcp_authz_allow_total')).toEqual([expect.stringMatching(/ 1$/)]);
    await until(() => world.serving === 0);
    expect(world.policies.held).toBe(0);
  });

  it('that is not allowed is closed, whatever it carries', async () => {
    await start();
    const app = await world.app(echo());
    world.policies.set(app.port, serverPolicy({ authorizations: [identities('web', WEB)] }));
    const client = await world.dial();
    client.send('neither HTTP nor TLS\n');
    await closed(client);
    expect(client.heard.text).toBe('');
    expect(app.connections).toBe(0);
    expect(world.metrics('inbound_tcp_authz_deny_total')).toEqual([expect.stringMatching(/ 1$/)]);
    expect(world.logs.map(({ message }) => message)).toContain('Connection denied');
  });

  it('for an address that is not of this pod is closed unread', async () => {
    await start({ INBOUND_IPS: '10.0.0.5' });
    await world.app(talkative());
    const client = await world.dial();
    client.send(GET);
    await closed(client);
    expect(client.heard.text).toBe('');
    expect(world.metrics('inbound_tcp_errors_total{error="unexpected"')).toHaveLength(1);
  });

  it('to an application that is not there gets 502', async () => {
    await start();
    const app = await world.app(talkative());
    app.close();
    const client = await world.dial();
    client.send(GET);
    await closed(client);
    expect(client.heard.text).toMatch(/^HTTP\/1\.1 502 /);
  });
});

describe('a connection of mesh TLS', () => {
  it('is ended here, and the application learns who calls', async () => {
    await start();
    await world.app(talkative());
    const client = await world.dial({ tls: web() });
    client.send(GET);
    expect(await answered(client)).toMatchObject({ client: WEB });
    expect(client.alpn).toBeNull();
    expect(world.metrics('tcp_open_total', `tls="true",client_id="${WEB}"`)).toHaveLength(1);
  });

  it('may carry HTTP/1 inside HTTP/2', async () => {
    await start();
    const app = await world.app(talkative());
    world.policies.set(app.port, serverPolicy({ protocol: http1 }));
    const { connection } = await world.dial({ tls: web() });
    const session = new Http2ClientConnection(connection);
    const response = new HeardResponse();
    const headers = ['host', 'orders', 'l5d-orig-proto', 'HTTP/1.1'];
    session.request(requestHead({ path: '/carried', authority: 'orders', headers }), true, response);
    await response.over;
    expect(JSON.parse(response.body)).toEqual({
      method: 'GET',
      url: '/carried',
      httpVersion: '1.1',
      client: WEB,
    });
    expect(response.head?.headers).toEqual(expect.arrayContaining(['l5d-orig-proto', 'HTTP/1.1']));
  });

  it.each([
    ['HTTP/2', http2],
    ['gRPC', grpc],
  ])('is not asked what it carries on a port of %s', async (_what, protocol) => {
    await start();
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200 });
      stream.end('hello');
    });
    const app = await world.app(App.tcp((socket) => void server.emit('connection', socket)));
    world.policies.set(app.port, serverPolicy({ protocol }));
    const { connection } = await world.dial({ tls: web() });
    const response = new HeardResponse();
    const head = requestHead({ method: 'POST', path: '/shop.Orders/Get', authority: 'orders' });
    new Http2ClientConnection(connection).request(head, true, response);
    await response.over;
    expect(response.body).toBe('hello');
    expect(world.metrics('inbound_tcp_detect_http_results_total')).toEqual([]);
  });

  it('is refused to a client of another mesh, with a line and a count', async () => {
    await start();
    await world.app(talkative());
    const other = credentialsOf(stranger.certify(WEB));
    const client = await world.dial({ tls: other }).catch((error: unknown) => error as Error);
    // TLS 1.3 lets the client finish before the server has judged its certificate.
    if ('heard' in client) await closed(client);
    await until(() => world.serving === 0);
    expect(world.metrics('tls_handshake_failures_total')).toEqual([
      'tls_handshake_failures_total{direction="inbound",reason="untrusted"} 1',
    ]);
    expect(world.logs).toContainEqual(
      expect.objectContaining({
        level: 'info',
        message: 'Connection closed',
        fields: expect.objectContaining({ error: expect.objectContaining({ code: 'untrusted' }) }),
      }),
    );
  });

  it('is refused to a client whose time is over', async () => {
    await start();
    await world.app(talkative());
    const expired = issuer.certify(WEB, { notAfter: new Date(Date.now() - 1000) });
    const client = await world
      .dial({ tls: credentialsOf(expired) })
      .catch((error: unknown) => error as Error);
    if ('heard' in client) await closed(client);
    await until(() => world.serving === 0);
    expect(world.metrics('tls_handshake_failures_total', 'reason="expired"')).toHaveLength(1);
  });

  it('for somebody else is passed on untouched', async () => {
    await start();
    const shop = issuer.certify('shop.example');
    const inner = createTlsServer({
      key: shop.key.export({ type: 'pkcs8', format: 'pem' }),
      cert: shop.leaf.toString(),
    });
    inner.on('secureConnection', (socket) => {
      socket.end(`served for ${socket.servername}`);
    });
    const app = await world.app(App.tcp((socket) => void inner.emit('connection', socket)));
    const socket = connectTlsSocket({
      socket: connectTcpSocket({
        host: world.address.ip,
        port: world.address.port,
        localAddress: '127.0.0.2',
      }),
      servername: 'shop.example',
      rejectUnauthorized: false,
    });
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('served for shop.example');
    expect(world.metrics('tcp_open_total', 'peer="src"', 'tls="opaque",sni="shop.example"')).toHaveLength(1);
    expect(world.metrics('inbound_tcp_authz_allow_total', `srv_port="${app.port}"`)).toHaveLength(1);
  });
});

describe('an opaque port', () => {
  it('lets the server speak first, at once', async () => {
    await start();
    const app = await world.app(App.tcp((socket) => void socket.write('220 ready\r\n')));
    world.policies.set(app.port, serverPolicy({ protocol: opaque }));
    const client = await world.dial();
    await client.heard.when(({ text }) => text === '220 ready\r\n');
    expect(world.metrics('tcp_open_total', 'no_tls_reason="port_skipped"')).toHaveLength(1);
  });

  it('cuts connections that a changed policy no longer allows, and no others', async () => {
    await start();
    const app = await world.app(echo());
    world.policies.set(app.port, serverPolicy({ protocol: opaque }));
    const [outsider, self] = [await world.dial(), await world.dial({ from: '127.0.0.1' })];
    for (const client of [outsider, self]) {
      client.send('hello');
      await client.heard.when(({ text }) => text === 'hello');
    }
    world.policies.set(app.port, serverPolicy({ protocol: opaque, authorizations: [] }));
    await closed(outsider);
    expect(world.metrics('inbound_tcp_authz_terminate_total')).toEqual([expect.stringMatching(/ 1$/)]);
    expect(world.logs.map(({ message }) => message)).toContain('Connection cut by a changed policy');
    self.send(' again');
    await self.heard.when(({ text }) => text === 'hello again');
    await until(() => app.connections === 1);
  });
});

describe('a direct connection', () => {
  const direct = { alpn: TRANSPORT_ALPN };

  async function dialWith(header: Partial<TransportHeader>, app: App) {
    world.target = { ip: '127.0.0.1', port: world.config.inbound.listen.port };
    const client = await world.dial({ tls: web(), ...direct });
    const whole = { port: app.port, name: null, session: null, ...header };
    client.connection.write(encodeTransportHeader(whole));
    return client;
  }

  it('with a header goes to the port it names, as bytes', async () => {
    await start();
    const app = await world.app(echo());
    const client = await dialWith({}, app);
    client.send('opaque');
    await client.heard.when(({ text }) => text === 'opaque');
    expect(client.alpn).toBe(TRANSPORT_ALPN);
    expect(world.metrics('inbound_tcp_transport_header_connections_total')).toEqual([
      'inbound_tcp_transport_header_connections_total{session_protocol="",' +
        `target_port="${app.port}",target_name="",client_id="${WEB}"} 1`,
    ]);
  });

  it('with a header goes to the port it names, as HTTP', async () => {
    await start();
    const client = await dialWith({ session: 'http/1' }, await world.app(talkative()));
    client.send(GET);
    expect(await answered(client)).toMatchObject({ client: WEB });
  });

  it('is judged by the policy of the port it names', async () => {
    await start();
    const app = await world.app(echo());
    world.policies.set(app.port, serverPolicy({ authorizations: [identities('other', 'other.shop')] }));
    const client = await dialWith({}, app);
    await closed(client);
    expect(world.metrics('inbound_tcp_authz_deny_total', `srv_port="${app.port}"`)).toHaveLength(1);
  });

  it.each([
    ['in plain text', undefined, {}],
    ['from nobody', () => credentialsOf(), direct],
    ['that agrees on no header', web, {}],
    ['for somebody else', web, { ...direct, serverName: 'shop.example' }],
  ])('%s is refused', async (_what, credentials, options) => {
    await start();
    const app = await world.app(echo());
    world.target = { ip: '127.0.0.1', port: world.config.inbound.listen.port };
    const tls = credentials === undefined ? {} : { tls: credentials() };
    const client = await world.dial({ ...tls, ...options }).catch((error: unknown) => error as Error);
    if ('heard' in client) {
      client.send('a plain text client says something');
      await closed(client);
    }
    await until(() => world.serving === 0);
    expect(app.connections).toBe(0);
    expect(world.metrics('inbound_tcp_errors_total', 'error="unexpected"')).toEqual([
      expect.stringMatching(/ 1$/),
    ]);
  });

  it('to the proxy itself does not go round in circles', async () => {
    await start();
    const app = await world.app(echo());
    const { port } = world.config.inbound.listen;
    const opaqueClient = await dialWith({ port }, app);
    await closed(opaqueClient);
    const client = await dialWith({ port, session: 'http/1' }, app);
    client.send(GET);
    await closed(client);
    expect(client.heard.text).toMatch(/^HTTP\/1\.1 500 /);
    expect(client.heard.text).toContain('connection: close');
  });

  it('that begins with something else than a header is closed', async () => {
    await start();
    await world.app(echo());
    world.target = { ip: '127.0.0.1', port: world.config.inbound.listen.port };
    const client = await world.dial({ tls: web(), ...direct });
    client.send(GET);
    await closed(client);
    expect(client.heard.text).toBe('');
  });
});

describe('a silent client', () => {
  it('is closed when it does not say in time whether it speaks TLS', async () => {
    await start({ INBOUND_DETECT_TIMEOUT: '50ms' });
    await world.app(echo());
    const client = await world.dial();
    await closed(client);
    expect(world.metrics('inbound_tcp_errors_total{error="tls detection timeout"')).toHaveLength(1);
  });

  it('that has begun a ClientHello is closed when the rest does not come', async () => {
    await start({ INBOUND_DETECT_TIMEOUT: '50ms' });
    await world.app(echo());
    const client = await world.dial();
    client.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    await closed(client);
    expect(world.metrics('inbound_tcp_errors_total{error="tls detection timeout"')).toHaveLength(1);
  });

  it('that has shown who it is gets the server that speaks first', async () => {
    await start({ INBOUND_DETECT_TIMEOUT: '1s' });
    const app = await world.app(App.tcp((socket) => void socket.write('220 ready\r\n')));
    world.policies.set(app.port, serverPolicy({ protocol: detect({ timeoutMs: 20 }) }));
    const client = await world.dial({ tls: web() });
    await client.heard.when(({ text }) => text === '220 ready\r\n');
    const [timedOut] = world.metrics('inbound_tcp_detect_http_results_total', 'result="read_timeout"');
    expect(timedOut).toMatch(/ 1$/);
  });

  it('that leaves without a word is nobody to complain about', async () => {
    await start();
    await world.app(echo());
    const client = await world.dial();
    client.connection.destroy();
    await until(() => world.serving === 0);
    expect(world.metrics('inbound_tcp_errors_total')).toEqual([]);
    expect(world.logs).toEqual([]);
  });
});

describe('draining', () => {
  /** An application that answers when it is told, in the order in which it was asked. */
  async function patient() {
    const answers: (() => void)[] = [];
    await world.app(App.http((_request, response) => void answers.push(() => response.end('done'))));
    return answers;
  }

  it('lets the request under way finish and closes its connection, and idle ones at once', async () => {
    await start();
    const answers = await patient();
    const [busy, idle] = [await world.dial(), await world.dial()];
    idle.send(GET);
    await until(() => answers.length === 1);
    answers[0]();
    await idle.heard.when(({ text }) => text.endsWith('done'));
    busy.send(GET);
    await until(() => answers.length === 2);
    const drained = world.runtime.drain.start();
    await closed(idle);
    expect(busy.heard.text).toBe('');
    answers[1]();
    await closed(busy);
    for (const { connection } of [busy, idle]) connection.end();
    expect(busy.heard.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(busy.heard.text).toContain('\r\nconnection: close\r\n');
    expect(busy.heard.text).toMatch(/\r\n\r\ndone$/);
    await drained;
  });

  it('says GOAWAY on HTTP/2 and finishes its streams', async () => {
    await start();
    const answers = await patient();
    const { connection } = await world.dial({ tls: web() });
    const session = new Http2ClientConnection(connection);
    const response = new HeardResponse();
    const headers = ['host', 'orders', 'l5d-orig-proto', 'HTTP/1.1'];
    session.request(requestHead({ authority: 'orders', headers }), true, response);
    await until(() => answers.length === 1);
    const drained = world.runtime.drain.start();
    await until(() => !session.usable);
    expect(response.ended).toBe(false);
    answers[0]();
    await response.over;
    expect(response.body).toBe('done');
    await drained;
  });

  it('leaves opaque connections alone until they end', async () => {
    await start();
    const app = await world.app(echo());
    world.policies.set(app.port, serverPolicy({ protocol: opaque }));
    const client = await world.dial();
    client.send('before');
    await client.heard.when(({ text }) => text === 'before');
    const drained = world.runtime.drain.start();
    client.send(' and after');
    await client.heard.when(({ text }) => text === 'before and after');
    client.connection.end();
    await drained;
  });
});
