import { afterEach, describe, expect, it } from '@jest/globals';
import { type Endpoint, plainEndpoint } from '@weft/policy';
import type { Credentials } from '../tls/credentials.ts';
import { credentialsOf, issuer, ORDERS, stranger, TlsServer, WEB } from '../tls/mesh-tls.builder.ts';
import { TRANSPORT_ALPN } from '../tls/tls-connection.ts';
import type { Connection } from '../transport/connection.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { parseTransportHeader, type TransportHeader } from '../transport-header/header.ts';
import { meshedEndpoint } from './backends.builder.ts';
import { EndpointConnector, type EndpointConnectorOptions } from './endpoint-connector.ts';

const never = new AbortController().signal;
const local = '127.0.0.1';
/** Nobody listens there. */
const nowhere = 1;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

class Fixture {
  readonly failures: { endpoint: Endpoint; error: unknown }[] = [];
  observed = 0;
  readonly connector: EndpointConnector;

  constructor(options: Partial<EndpointConnectorOptions> = {}, credentials?: Credentials) {
    this.connector = new EndpointConnector(credentials ?? credentialsOf(issuer.certify(WEB)), {
      timeoutMs: 2000,
      ownIps: new Set(),
      onFailure: (endpoint, error) => void this.failures.push({ endpoint, error }),
      ...options,
    });
  }

  async connect(endpoint: Endpoint, session: TransportHeader['session'] = 'http/1'): Promise<Connection> {
    const observer = { onRead() {}, onWrite() {}, onClose() {} };
    const connect = this.connector.connect(endpoint, session, () => {
      this.observed++;
      return observer;
    });
    const connection = await connect(never);
    open.push({ close: () => connection.destroy() });
    return connection;
  }
}

/** The inbound side of another proxy. */
async function peer(options: { alpn?: string } = { alpn: TRANSPORT_ALPN }) {
  const server = await TlsServer.listen(credentialsOf(issuer.certify(ORDERS)), options);
  open.push(server);
  return server;
}

/** What an endpoint's proxy gets from this side before the word `hello`. */
async function heardBy(server: TlsServer, connection: Connection) {
  const accepted = await server.next();
  const heard = new RecordingHandler();
  accepted.connection.handler = heard;
  connection.write(Buffer.from('hello'));
  await heard.when(({ text }) => text.endsWith('hello'));
  const bytes = Buffer.concat(heard.chunks);
  const parsed = parseTransportHeader(bytes);
  const header = parsed.kind === 'header' ? parsed.header : null;
  const rest = parsed.kind === 'header' ? bytes.subarray(parsed.length) : bytes;
  return { alpn: accepted.alpn, clientId: accepted.clientId, header, rest: rest.toString() };
}

describe('an endpoint of the mesh', () => {
  it('is spoken to at its own port, by name, and without a header', async () => {
    const server = await peer();
    const fixture = new Fixture();
    const connection = await fixture.connect(meshedEndpoint(local, server.port));
    expect(await heardBy(server, connection)).toEqual({
      alpn: null,
      clientId: WEB,
      header: null,
      rest: 'hello',
    });
    expect(fixture.observed).toBe(1);
  });

  it.each([
    ['http/1', null, 'http/1'],
    ['http/2', null, 'http/2'],
    ['http/2', 'h2', 'http/2'],
    [null, null, null],
    ['http/1', 'opaque', null],
    [null, 'opaque', null],
  ] as const)(
    'with a port of its proxy is dialled there, with a header (%s, hint %s)',
    async (session, protocolHint, expected) => {
      const server = await peer();
      const endpoint = meshedEndpoint(local, nowhere, { inboundPort: server.port, protocolHint });
      const connection = await new Fixture().connect(endpoint, session);
      expect(await heardBy(server, connection)).toMatchObject({
        alpn: TRANSPORT_ALPN,
        header: { port: nowhere, name: null, session: expected },
        rest: 'hello',
      });
    },
  );

  it('behind a gateway is named in the header, at the port of the gateway', async () => {
    const server = await peer();
    const authorityOverride = 'orders.shop.svc.east.example:8080';
    const endpoint = meshedEndpoint(local, server.port, { authorityOverride });
    const connection = await new Fixture().connect(endpoint, 'http/2');
    const header = { port: 8080, name: 'orders.shop.svc.east.example', session: 'http/2' };
    expect(await heardBy(server, connection)).toMatchObject({ alpn: TRANSPORT_ALPN, header });
  });

  it('behind a gateway with a port of its proxy is dialled there, and named', async () => {
    const server = await peer();
    const authorityOverride = 'orders.shop.svc.east.example:8080';
    const endpoint = meshedEndpoint(local, nowhere, { inboundPort: server.port, authorityOverride });
    const connection = await new Fixture().connect(endpoint, null);
    const header = { port: 8080, name: 'orders.shop.svc.east.example', session: null };
    expect((await heardBy(server, connection)).header).toEqual(header);
  });

  it('behind a gateway whose name has no port is not named', async () => {
    const server = await peer();
    const endpoint = meshedEndpoint(local, server.port, { authorityOverride: 'orders.shop' });
    const connection = await new Fixture().connect(endpoint, 'http/1');
    const header = { port: server.port, name: null, session: 'http/1' };
    expect((await heardBy(server, connection)).header).toEqual(header);
  });

  it('that agrees on no header gets none', async () => {
    const server = await peer({});
    const endpoint = meshedEndpoint(local, nowhere, { inboundPort: server.port });
    const connection = await new Fixture().connect(endpoint);
    expect(await heardBy(server, connection)).toMatchObject({ alpn: null, header: null, rest: 'hello' });
  });

  it('that turns out to be somebody else gets nothing, and that is told', async () => {
    const server = await peer();
    const tls = { serverId: { kind: 'dns', name: 'mail.shop' } as const, serverName: ORDERS };
    const endpoint = meshedEndpoint(local, server.port, { tls });
    const fixture = new Fixture();
    await expect(fixture.connect(endpoint)).rejects.toMatchObject({
      code: 'tls',
      cause: { code: 'identity' },
    });
    expect(fixture.failures).toEqual([{ endpoint, error: expect.objectContaining({ code: 'tls' }) }]);
    expect(fixture.observed).toBe(0);
  });

  it('of another mesh gets nothing', async () => {
    const server = await TlsServer.listen(credentialsOf(stranger.certify(ORDERS)));
    open.push(server);
    const fixture = new Fixture();
    await expect(fixture.connect(meshedEndpoint(local, server.port))).rejects.toMatchObject({
      cause: { code: 'untrusted' },
    });
    expect(fixture.failures).toHaveLength(1);
  });
});

describe('an endpoint that is spoken to in plain text', () => {
  const plainServer = async () => {
    const listener = await listenLoopback();
    open.push(listener);
    const heard = new RecordingHandler();
    listener.accept((connection) => {
      connection.handler = heard;
    });
    return { port: listener.address.port, heard };
  };

  it.each([
    ['is outside the mesh', (port: number) => plainEndpoint(local, port), new Set<string>()],
    [
      'has no identity, whatever else is said of it',
      (port: number) => ({
        ...plainEndpoint(local, port),
        inboundPort: nowhere,
        authorityOverride: 'orders.shop:80',
        protocolHint: 'h2' as const,
      }),
      new Set<string>(),
    ],
    [
      'is this very pod',
      (port: number) =>
        meshedEndpoint(local, port, { inboundPort: nowhere, authorityOverride: 'orders.shop:80' }),
      new Set([local]),
    ],
  ])('%s', async (_why, endpointAt, ownIps) => {
    const { port, heard } = await plainServer();
    const fixture = new Fixture({ ownIps });
    const connection = await fixture.connect(endpointAt(port), 'http/2');
    connection.write(Buffer.from('hello'));
    await heard.when(({ text }) => text === 'hello');
    expect(fixture.observed).toBe(1);
    expect(fixture.connector.isMeshed(endpointAt(port))).toBe(false);
  });
});

describe('a connection that cannot be had', () => {
  it('is told with its endpoint', async () => {
    const listener = await listenLoopback();
    listener.close();
    const endpoint = plainEndpoint(local, listener.address.port);
    const fixture = new Fixture();
    await expect(fixture.connect(endpoint)).rejects.toMatchObject({ code: 'refused' });
    expect(fixture.failures).toMatchObject([{ endpoint, error: { code: 'refused' } }]);
  });

  it('because it would come back to this proxy is not tried', async () => {
    const { connector } = new Fixture({ refuseLoopback: true });
    const connect = connector.connect(plainEndpoint(local, nowhere), null, () => {
      throw new Error('there is nothing to observe');
    });
    await expect(connect(never)).rejects.toMatchObject({ code: 'loopback' });
  });

  it('because nobody wants it any more is not told', async () => {
    const fixture = new Fixture();
    const abort = new AbortController();
    abort.abort(new Error('closed'));
    const connect = fixture.connector.connect(plainEndpoint(local, nowhere), null, () => {
      throw new Error('there is nothing to observe');
    });
    await expect(connect(abort.signal)).rejects.toThrow('closed');
    expect(fixture.failures).toEqual([]);
  });

  it('because the peer does not finish its handshake ends in time', async () => {
    const listener = await listenLoopback();
    open.push(listener);
    listener.accept((connection) => {
      connection.handler = new RecordingHandler();
      open.push({ close: () => connection.destroy() });
    });
    const fixture = new Fixture({ timeoutMs: 50 });
    await expect(fixture.connect(meshedEndpoint(local, listener.address.port))).rejects.toMatchObject({
      code: 'timeout',
    });
  });
});
