import { afterEach, describe, expect, it } from '@jest/globals';
import { http1ServerOptions } from '../http1/server-options.ts';
import { defaultHttp2Options } from '../http2/options.ts';
import { until } from '../inbound/inbound-server.builder.ts';
import { Drain } from '../lifecycle/drain.ts';
import { HandshakeMetrics } from '../metrics/handshakes.ts';
import { Registry } from '../metrics/registry.ts';
import { type Client, type DialOptions, dial } from '../tls/dial.builder.ts';
import { HandshakeGate } from '../tls/handshake-gate.ts';
import { credentialsOf, issuer, ORDERS, WEB } from '../tls/mesh-tls.builder.ts';
import type { Listener } from '../transport/listener.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { TapMetrics } from './metrics.ts';
import { TapServer } from './tap-server.ts';
import { Taps } from './taps.ts';

let listener: Listener | null = null;
const clients: Client[] = [];
afterEach(() => {
  for (const { connection } of clients.splice(0)) connection.destroy();
  listener?.close();
});

/** A tap port for web, which says what it serves. */
async function listening() {
  const registry = new Registry(0);
  const metrics = new TapMetrics(registry);
  const limits = { taps: 1, conditions: 1, requestsPerSecond: 1, queuedEvents: 1, queuedBytes: 1 };
  const log = new RecordingLogger();
  const server = new TapServer({
    taps: new Taps(limits, metrics, () => 0),
    metrics,
    allowed: WEB,
    serverName: ORDERS,
    detectTimeoutMs: 100,
    refusedLingerMs: 50,
    credentials: credentialsOf(issuer.certify(ORDERS)),
    handshakes: new HandshakeGate(4),
    failedHandshakes: new HandshakeMetrics(registry),
    http: { http1: http1ServerOptions(), http2: defaultHttp2Options, drain: new Drain() },
    log,
  });
  const open = await listenLoopback();
  listener = open;
  const state = { serving: 0, log, registry };
  open.accept(async (connection) => {
    state.serving++;
    await server.accept(connection);
    state.serving--;
  });
  return { state, connect: (options?: DialOptions) => connect(open, options) };
}

async function connect({ address }: Listener, options: DialOptions = {}): Promise<Client> {
  const client = await dial(address, options);
  clients.push(client);
  return client;
}

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

describe('a connection to the tap port', () => {
  it('of those who may not tap is held for a while only', async () => {
    const { state, connect } = await listening();
    const client = await connect();
    client.send(preface);
    await until(() => state.serving === 1);
    await client.heard.when(({ closes, ended }) => closes > 0 || ended);
    await until(() => state.serving === 0);
  });

  it('of the one who may is held for as long as it likes', async () => {
    const { state, connect } = await listening();
    const client = await connect({ tls: credentialsOf(issuer.certify(WEB)) });
    client.send(preface);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect([state.serving, client.heard.closes]).toEqual([1, 0]);
  });

  it('that says nothing is closed', async () => {
    const { state, connect } = await listening();
    const client = await connect();
    await client.heard.when(({ closes, ended }) => closes > 0 || ended);
    await until(() => state.serving === 0);
    expect(state.log.lines.map(({ message }) => message)).toEqual(['Connection closed']);
  });

  it('that begins with half a handshake is closed', async () => {
    const { state, connect } = await listening();
    const client = await connect();
    // A ClientHello that stops after its header.
    client.send('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03');
    await client.heard.when(({ closes, ended }) => closes > 0 || ended);
    await until(() => state.serving === 0);
  });
});
