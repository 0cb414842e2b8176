import { afterEach, describe, expect, it } from '@jest/globals';
import { configOf } from '../config/environment.builder.ts';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { FakePolicies } from '../inbound/inbound-server.builder.ts';
import { parseFilter } from '../log/filter.ts';
import { LogHub } from '../log/logger.ts';
import { identities, serverPolicy } from '../policy/server.builder.ts';
import { type Client, type DialOptions, dial } from '../tls/dial.builder.ts';
import { credentialsOf, issuer, ORDERS, WEB } from '../tls/mesh-tls.builder.ts';
import type { Listener } from '../transport/listener.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { createAdmin } from './admin.ts';
import { createRuntime } from './runtime.ts';

const web = () => credentialsOf(issuer.certify(WEB));

/** The admin port of a proxy, as the program assembles it. */
class AdminPort {
  readonly policies = new FakePolicies();
  readonly runtime = createRuntime(60_000, new LogHub(parseFilter('info').filter, () => {}));
  ready = false;
  shutdowns = 0;
  readonly #listener: Listener;
  readonly #clients: Client[] = [];

  private constructor(listener: Listener) {
    this.#listener = listener;
    const config = configOf({ IDENTITY_LOCAL_NAME: ORDERS, SHUTDOWN_ENDPOINT_ENABLED: 'true' });
    const credentials = credentialsOf(issuer.certify(ORDERS));
    const admin = createAdmin(config, this.runtime, credentials, this.policies, {
      isReady: () => this.ready,
      shutdown: () => void this.shutdowns++,
    });
    listener.accept((connection) => void admin.acceptHttp(connection, connection.local));
  }

  static async open(): Promise<AdminPort> {
    return new AdminPort(await listenLoopback());
  }

  async dial(options: DialOptions = {}): Promise<Client> {
    const client = await dial(this.#listener.address, options);
    this.#clients.push(client);
    return client;
  }

  /** The whole answer to one request over HTTP/1, from an address that is not the pod's own unless told. */
  async ask(line: string, options: DialOptions = {}): Promise<string> {
    const client = await this.dial(options);
    client.send(`${line} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n`);
    await client.heard.when(({ ended, closes }) => ended || closes > 0);
    return client.heard.text;
  }

  /** Only those whom this policy admits. */
  restrict(policy = serverPolicy({ authorizations: [identities('web', WEB)] })): void {
    this.policies.set(this.#listener.address.port, policy);
  }

  close(): void {
    this.#listener.close();
    for (const { connection } of this.#clients) connection.destroy();
  }
}

describe('the admin port', () => {
  let admin: AdminPort;
  afterEach(() => admin.close());

  it('answers over plain HTTP/1 and is ready when the proxy is', async () => {
    admin = await AdminPort.open();
    expect(await admin.ask('GET /live')).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nlive\n$/);
    expect(await admin.ask('GET /ready')).toMatch(/^HTTP\/1\.1 503 /);
    admin.ready = true;
    expect(await admin.ask('GET /ready')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers over mesh TLS, in HTTP/1 and HTTP/2', async () => {
    admin = await AdminPort.open();
    expect(await admin.ask('GET /live', { tls: web() })).toMatch(/^HTTP\/1\.1 200 /);
    const { connection } = await admin.dial({ tls: web() });
    const response = new HeardResponse();
    new Http2ClientConnection(connection).request(requestHead({ path: '/live' }), true, response);
    await response.over;
    expect([response.head?.status, response.body]).toEqual([200, 'live\n']);
  });

  it('ends the proxy for those in its pod', async () => {
    admin = await AdminPort.open();
    expect(await admin.ask('POST /shutdown', { from: '127.0.0.1' })).toMatch(/^HTTP\/1\.1 200 /);
    expect(admin.shutdowns).toBe(1);
  });

  it('admits whom the policy of its port admits', async () => {
    admin = await AdminPort.open();
    admin.restrict();
    expect(await admin.ask('GET /live')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await admin.ask('GET /live', { from: '127.0.0.1' })).toMatch(/^HTTP\/1\.1 200 /);
    expect(await admin.ask('GET /live', { tls: web() })).toMatch(/^HTTP\/1\.1 200 /);
    const metrics = admin.runtime.registry.render(0);
    expect(metrics).toMatch(/^inbound_http_authz_deny_total\{.*\} 1$/m);
    expect(metrics).toMatch(/^request_total\{direction="inbound",.*client_id="web\.shop.*\} 1$/m);
  });

  it.each([
    ['is not HTTP', '\0\0\0 this is something else'],
    ['is TLS for somebody else', null],
  ])('closes what %s', async (_what, bytes) => {
    admin = await AdminPort.open();
    if (bytes === null) {
      const dialing = admin.dial({ tls: web(), serverName: 'shop.example' });
      await expect(dialing).rejects.toMatchObject({ code: 'tls' });
    } else {
      const client = await admin.dial();
      client.send(bytes);
      await client.heard.when(({ ended, closes }) => ended || closes > 0);
      expect(client.heard.text).toBe('');
    }
    expect(admin.runtime.registry.render(0)).toMatch(
      /^inbound_tcp_errors_total\{error="unexpected",.*\} 1$/m,
    );
  });
});
