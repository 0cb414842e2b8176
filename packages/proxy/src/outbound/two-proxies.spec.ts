import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultServerPolicy, type OutboundPolicy, parseCidr } from '@weft/policy';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { App, until } from '../inbound/inbound-server.builder.ts';
import { opaque, serverPolicy } from '../policy/server.builder.ts';
import { WEB } from '../tls/mesh-tls.builder.ts';
import { forwardTo } from './backends.builder.ts';
import { httpPolicy, opaqueRoute, policyOf } from './outbound.builder.ts';
import { TwoProxies } from './two-proxies.builder.ts';

const GET = 'GET /hello HTTP/1.1\r\nhost: orders\r\n\r\n';

/** An application that answers with what it was asked. */
const talkative = () =>
  App.http((request, response) => {
    const { method, url, httpVersion, headers } = request;
    response.end(JSON.stringify({ method, url, httpVersion, headers }));
  });

const headOf = (text: string) => text.slice(0, text.indexOf('\r\n\r\n'));
const bodyOf = (text: string) => JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>;

describe('between two proxies', () => {
  let world: TwoProxies;
  beforeEach(async () => {
    world = await TwoProxies.start();
  });
  afterEach(() => world.close());

  it('HTTP/1 travels as HTTP/2 over mutual TLS, and neither application notices', async () => {
    const { app, endpoint } = await world.serve(talkative());
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    client.send(GET);
    await client.heard.when(({ text }) => text.endsWith('}}'));
    expect(bodyOf(client.heard.text)).toEqual({
      method: 'GET',
      url: '/hello',
      httpVersion: '1.1',
      headers: { host: 'orders', 'l5d-client-id': WEB },
    });
    expect(headOf(client.heard.text)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(headOf(client.heard.text)).not.toContain('l5d-');
    expect(world.metrics('request_total', `target_port="${app.port}"`, 'tls="true"')).toHaveLength(1);
    expect(
      world.orders.metrics('inbound_tcp_transport_header_connections_total', 'session_protocol="http/2"'),
    ).toHaveLength(1);
  });

  it('one connection carries the requests of many', async () => {
    const { endpoint } = await world.serve(talkative());
    const clients = await world.connect(httpPolicy(forwardTo(endpoint)), 5);
    for (const client of clients) client.send(GET);
    for (const { heard } of clients) await heard.when(({ text }) => text.endsWith('}}'));
    expect(world.metrics('tcp_open_total', 'peer="dst"')).toEqual([expect.stringMatching(/ 1$/)]);
    expect(world.metrics('request_total')).toEqual([expect.stringMatching(/ 5$/)]);
  });

  it('HTTP/2 passes with its trailers', async () => {
    const http2 = createHttp2Server();
    http2.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.respond({ ':status': 200, 'x-client': headers['l5d-client-id'] }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(`asked for ${headers[':path']}`);
    });
    const { endpoint } = await world.serve(
      App.tcp((socket: Socket) => void http2.emit('connection', socket)),
    );
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    const response = new HeardResponse();
    const session = new Http2ClientConnection(client.connection);
    session.request(requestHead({ path: '/rpc', authority: 'orders' }), true, response);
    await response.over;
    expect(response).toMatchObject({ body: 'asked for /rpc', trailers: ['grpc-status', '0'] });
    expect(response.head?.headers).toEqual(expect.arrayContaining(['x-client', WEB]));
  });

  it('a WebSocket leaves HTTP, over HTTP/1 all the way', async () => {
    const { endpoint } = await world.serve(
      App.upgrading((request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
        socket.write(`${request.headers['l5d-client-id']}: `);
        socket.pipe(socket);
      }),
    );
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    client.send('GET / HTTP/1.1\r\nhost: orders\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    await client.heard.when(({ text }) => text.endsWith(': '));
    expect(client.heard.text).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(client.heard.text).toContain('\r\nupgrade: echo\r\n');
    client.send('ping');
    await client.heard.when(({ text }) => text.endsWith(`\r\n\r\n${WEB}: ping`));
    client.connection.end();
    await client.heard.when(({ closes }) => closes === 1);
  });

  it('a client that is not allowed is refused, without the words of the other proxy', async () => {
    const { app, endpoint } = await world.serve(talkative());
    const elsewhere = { clusterNetworks: [parseCidr('10.0.0.0/8')!], detectTimeoutMs: 1000, opaque: false };
    world.orders.policies.set(app.port, defaultServerPolicy('cluster-authenticated', elsewhere));
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    client.send(GET);
    await client.heard.when(({ text }) => text.includes('\r\n\r\n'));
    expect(client.heard.text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(client.heard.text).not.toContain('l5d-');
    expect(world.orders.metrics('inbound_http_authz_deny_total', `client_id="${WEB}"`)).toHaveLength(1);
  });

  it('an opaque port lets the server speak first', async () => {
    const { app, endpoint } = await world.serve(
      App.tcp((socket) => void socket.write('220 ready\r\n')),
      { protocolHint: 'opaque' },
    );
    world.orders.policies.set(app.port, serverPolicy({ protocol: opaque }));
    const route = opaqueRoute('route', forwardTo(endpoint));
    const [client] = await world.connect(policyOf({ kind: 'opaque', route }));
    await client.heard.when(({ text }) => text === '220 ready\r\n');
    expect(
      world.orders.metrics('inbound_tcp_transport_header_connections_total', 'session_protocol=""'),
    ).toHaveLength(1);
    expect(world.metrics('outbound_tcp_protocol_connections_total', 'protocol="opaq"')).toHaveLength(1);
  });

  it('an application that is away closes the connection of its client, with a word', async () => {
    const { app, endpoint } = await world.serve(talkative());
    app.close();
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    client.send(GET);
    await client.heard.when(({ ended }) => ended);
    expect(client.heard.text).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(client.heard.text).toContain('\r\nconnection: close\r\n');
  });

  it('a proxy that drains finishes what it was asked', async () => {
    const answers: (() => void)[] = [];
    const { endpoint } = await world.serve(
      App.http((_request, response) => void answers.push(() => response.end('done'))),
    );
    const [client] = await world.connect(httpPolicy(forwardTo(endpoint)));
    client.send(GET);
    await until(() => answers.length === 1);
    const drained = Promise.all([world.web.drain.start(), world.orders.runtime.drain.start()]);
    answers[0]();
    await client.heard.when(({ ended }) => ended);
    expect(headOf(client.heard.text)).toContain('\r\nconnection: close');
    expect(client.heard.text).toMatch(/\r\n\r\ndone$/);
    client.connection.end();
    await drained;
  });
});

describe('what a destination speaks', () => {
  let world: TwoProxies;
  beforeEach(async () => {
    world = await TwoProxies.start();
  });
  afterEach(() => world.close());
  const http = (policy: OutboundPolicy) => {
    if (policy.protocol.kind !== 'detect') throw new Error('not a policy of detection');
    return policy.protocol.http1;
  };

  it('is not looked for where its policy says HTTP/1', async () => {
    const { endpoint } = await world.serve(talkative());
    const protocol = { kind: 'http1', ...http(httpPolicy(forwardTo(endpoint))) } as const;
    const [client] = await world.connect(policyOf(protocol));
    // Detection would take three bytes for something else.
    client.send(GET.slice(0, 3));
    await new Promise((resolve) => setTimeout(resolve, 20));
    client.send(GET.slice(3));
    await client.heard.when(({ text }) => text.endsWith('}}'));
    expect(world.metrics('outbound_tcp_protocol_connections_total', 'protocol="http/1"')).toHaveLength(1);
    expect(world.metrics('outbound_tcp_detect_http_results_total')).toEqual([]);
  });

  it('is opaque after silence where it has to be looked for', async () => {
    const { app, endpoint } = await world.serve(
      App.tcp((socket) => void socket.write('220 ready\r\n')),
      { protocolHint: 'opaque' },
    );
    world.orders.policies.set(app.port, serverPolicy({ protocol: opaque }));
    const route = opaqueRoute('route', forwardTo(endpoint));
    const variants = http(httpPolicy(forwardTo(endpoint)));
    const [client] = await world.connect(
      policyOf({ kind: 'detect', opaque: { route }, http1: variants, http2: variants }),
    );
    await client.heard.when(({ text }) => text === '220 ready\r\n');
    const [timedOut] = world.metrics('outbound_tcp_detect_http_results_total', 'result="read_timeout"');
    expect(timedOut).toMatch(/ 1$/);
  });
});
