import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerPolicy } from '@weft/policy';
import { createInbound } from '../app/inbound.ts';
import { createRuntime } from '../app/runtime.ts';
import { configOf } from '../config/environment.builder.ts';
import { Value } from '../discovery/watch/value.ts';
import { parseFilter } from '../log/filter.ts';
import { LogHub, type LogRecord } from '../log/logger.ts';
import { serverPolicy } from '../policy/server.builder.ts';
import { type Client, type DialOptions, dial } from '../tls/dial.builder.ts';
import { credentialsOf, issuer, ORDERS } from '../tls/mesh-tls.builder.ts';
import type { SocketAddress } from '../transport/connection.ts';
import type { Listener } from '../transport/listener.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import type { InboundServer } from './inbound-server.ts';
import type { InboundPolicies } from './ports.ts';

/** An application of the pod, on a port of loopback. */
export class App {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** One that speaks HTTP/1. */
  static http(onRequest: (request: IncomingMessage, response: ServerResponse) => void): Promise<App> {
    return App.#listen(createHttpServer({ keepAliveTimeout: 0 }, onRequest));
  }

  /** One that leaves HTTP when it is asked to. */
  static upgrading(onUpgrade: (request: IncomingMessage, socket: Duplex) => void): Promise<App> {
    return App.#listen(createHttpServer().on('upgrade', onUpgrade));
  }

  /** One that speaks what the handler speaks. */
  static tcp(onConnection: (socket: Socket) => void): Promise<App> {
    return App.#listen(createServer({ allowHalfOpen: true }, onConnection));
  }

  static async #listen(server: Server): Promise<App> {
    const app = new App(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return app;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections. */
  get connections(): number {
    return this.#sockets.size;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The policies of the pod's ports, changed by the test. */
export class FakePolicies implements InboundPolicies {
  readonly #ports = new Map<number, Value<ServerPolicy>>();
  /** Handles that nobody has released. */
  held = 0;

  set(port: number, policy: ServerPolicy): void {
    const value = this.#ports.get(port);
    if (value === undefined) this.#ports.set(port, new Value(policy));
    else value.set(policy);
  }

  get(port: number) {
    const value = this.#ports.get(port) ?? new Value(serverPolicy());
    this.#ports.set(port, value);
    this.held++;
    return {
      get current() {
        return value.current;
      },
      subscribe: (listener: (policy: ServerPolicy) => void) => value.subscribe(listener),
      release: () => {
        this.held--;
      },
    };
  }
}

/** The inbound side of a proxy as the program assembles it, over real sockets. */
export class InboundWorld {
  readonly policies = new FakePolicies();
  readonly logs: LogRecord[] = [];
  readonly runtime = createRuntime(
    60_000,
    new LogHub(parseFilter('info').filter, (record) => this.logs.push(record)),
  );
  readonly config;
  readonly server: InboundServer;
  /** Where the connections to come were meant to go. */
  target = { ip: '127.0.0.1', port: 1 };
  /** Connections of clients that the proxy still serves. */
  serving = 0;
  readonly #listener: Listener;
  readonly #open: { close(): void }[] = [];

  private constructor(listener: Listener, environment: Record<string, string>) {
    this.#listener = listener;
    this.config = configOf({
      IDENTITY_LOCAL_NAME: ORDERS,
      INBOUND_DISCOVERY_IDLE_TIMEOUT: '50ms',
      ...environment,
    });
    const credentials = credentialsOf(issuer.certify(ORDERS));
    const profiles = { acquire: () => null };
    this.server = createInbound(this.config, this.runtime, credentials, this.policies, profiles, null);
    listener.accept(async (connection) => {
      this.serving++;
      await this.server.accept(connection, this.target);
      this.serving--;
    });
  }

  static async start(environment: Record<string, string> = {}): Promise<InboundWorld> {
    return new InboundWorld(await listenLoopback(), environment);
  }

  /** Where clients connect to. */
  get address(): SocketAddress {
    return this.#listener.address;
  }

  /** An application, to which the connections to come are meant. */
  async app(starting: Promise<App>): Promise<App> {
    const app = await starting;
    this.#open.push(app);
    this.target = { ip: '127.0.0.1', port: app.port };
    return app;
  }

  /** Opens a connection; rejects when a handshake comes to nothing. */
  async dial(options: DialOptions = {}): Promise<Client> {
    const client = await dial(this.#listener.address, options);
    this.#open.push({ close: () => client.connection.destroy() });
    return client;
  }

  /** The series that hold all these texts, as the scrape writes them. */
  metrics(...having: string[]): string[] {
    const lines = this.runtime.registry.render(0).split('\n');
    return lines.filter((line) => !line.startsWith('#') && having.every((text) => line.includes(text)));
  }

  close(): void {
    this.#listener.close();
    for (const each of this.#open) each.close();
  }
}

/** Waits for something that nothing announces; fails after two seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 2000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('did not come about within 2 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
