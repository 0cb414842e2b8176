import { afterEach, describe, expect, it } from '@jest/globals';
import { configOf } from '../config/environment.builder.ts';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { FakePolicies, until } from '../inbound/inbound-server.builder.ts';
import { parseFilter } from '../log/filter.ts';
import { LogHub, type LogRecord } from '../log/logger.ts';
import { identities, serverPolicy } from '../policy/server.builder.ts';
import { type Client, type DialOptions, dial } from '../tls/dial.builder.ts';
import { credentialsOf, issuer, ORDERS, WEB } from '../tls/mesh-tls.builder.ts';
import type { Listener } from '../transport/listener.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { createAdmin } from './admin.ts';
import { createRuntime } from './runtime.ts';

const local = { from: '127.0.0.1' };
const web = () => credentialsOf(issuer.certify(WEB));

/** The admin port of a proxy, as the program assembles it. */
class AdminPort {
  readonly policies = new FakePolicies();
  /** What was logged. */
  readonly records: LogRecord[] = [];
  readonly runtime = createRuntime(
    60_000,
    new LogHub(parseFilter('info').filter, (record) => this.records.push(record)),
  );
  ready = false;
  shutdowns = 0;
  readonly #listener: Listener;
  readonly #clients: Client[] = [];

  private constructor(listener: Listener, environment: Record<string, string>) {
    this.#listener = listener;
    const config = configOf({
      IDENTITY_LOCAL_NAME: ORDERS,
      SHUTDOWN_ENDPOINT_ENABLED: 'true',
      ...environment,
    });
    const credentials = credentialsOf(issuer.certify(ORDERS));
    const admin = createAdmin(config, this.runtime, credentials, this.policies, {
      workers: null,
      isReady: () => this.ready,
      shutdown: () => void this.shutdowns++,
    });
    listener.accept((connection) => void admin.acceptHttp(connection, connection.local));
  }

  static async open(environment: Record<string, string> = {}): Promise<AdminPort> {
    return new AdminPort(await listenLoopback(), environment);
  }

  async dial(options: DialOptions = {}): Promise<Client> {
    const client = await dial(this.#listener.address, options);
    this.#clients.push(client);
    return client;
  }

  /** The whole answer to one request over HTTP/1, from an address that is not the pod's own unless told. */
  async ask(line: string, options: DialOptions = {}, body = ''): Promise<string> {
    const client = await this.dial(options);
    const length = body === '' ? '' : `content-length: ${body.length}\r\n`;
    client.send(`${line} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n${length}\r\n${body}`);
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

  it('changes what is logged from now on', async () => {
    admin = await AdminPort.open();
    const log = admin.runtime.logs.logger('linkerd_test');
    log.debug('before');
    expect(await admin.ask('PUT /proxy-log-level', local, 'warn,linkerd_test=debug')).toMatch(
      /^HTTP\/1\.1 204 /,
    );
    log.debug('after');
    admin.runtime.logs.logger('linkerd_proxy').info('too quiet');
    expect(admin.records.map(({ message }) => message)).toEqual(['after']);
    expect(await admin.ask('GET /proxy-log-level', local)).toMatch(/\r\n\r\nwarn,linkerd_test=debug$/);
    expect(await admin.ask('PUT /proxy-log-level', local, 'info,linkerd_test=loud')).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*linkerd_test=loud/,
    );
    expect(admin.runtime.logs.filter.text).toBe('warn,linkerd_test=debug');
  });

  it('streams log records of its own choice, also where logging is switched off', async () => {
    admin = await AdminPort.open({ LOG: 'off' });
    expect(await admin.ask('GET /proxy-log-level', local)).toMatch(/^HTTP\/1\.1 404 /);
    const log = admin.runtime.logs.logger('linkerd_app');
    const client = await admin.dial(local);
    client.send('GET /logs.json?off,linkerd_app%3Dtrace HTTP/1.1\r\nhost: admin\r\n\r\n');
    await client.heard.when(({ text }) => text.includes('\r\n\r\n'));
    log.trace('quiet', { port: 80 });
    admin.runtime.logs.logger('other').error('loud');
    log.warn('the last');
    await client.heard.when(({ text }) => text.includes('the last'));
    const lines = client.heard.text.match(/^\{.*\}$/gm)?.map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { level: 'TRACE', target: 'linkerd_app', fields: { message: 'quiet', port: 80 } },
      { level: 'WARN', target: 'linkerd_app', fields: { message: 'the last' } },
    ]);
    client.connection.destroy();
    await until(() => !log.enabled('trace'));
  });

  it('tells those in its pod what the proxy believes, of its own connections, too', async () => {
    admin = await AdminPort.open();
    const answer = await admin.ask('GET /debug/state', local);
    const state = JSON.parse(answer.slice(answer.indexOf('{'))) as Record<string, unknown>;
    expect(state).toMatchObject({
      proxy: { ready: false, draining: false, openTaps: 0 },
      connections: { total: 1, shown: [{ encrypted: false, labels: { srv_name: 'web' } }] },
    });
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
