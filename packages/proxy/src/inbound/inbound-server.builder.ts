import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ServerPolicy } from '@weft/policy';
import { createInbound } from '../app/inbound.ts';
import { createRuntime } from '../app/runtime.ts';
import { configOf } from '../config/environment.builder.ts';
import { Value } from '../discovery/watch/value.ts';
import { parseFilter } from '../log/filter.ts';
import { LogHub, type LogRecord } from '../log/logger.ts';
import { serverPolicy } from '../policy/server.builder.ts';
import { connectTls } from '../tls/connect-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { credentialsOf, issuer, ORDERS } from '../tls/mesh-tls.builder.ts';
import { ConnectError } from '../transport/connect-error.ts';
import type { Listener } from '../transport/listener.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { SocketConnection } from '../transport/socket-connection.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import type { InboundServer } from './inbound-server.ts';
import type { InboundPolicies } from './ports.ts';

const never = new AbortController().signal;

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

/** One end of a connection to the proxy, and what has come from there. */
export interface Client {
  readonly connection: SocketConnection;
  readonly heard: RecordingHandler;
  readonly alpn: string | null;
  send(text: string): void;
}

export interface DialOptions {
  /** The address this end has; 127.0.0.1 is the pod itself, which is always allowed. */
  readonly from?: string;
  /** Mesh TLS with these credentials. */
  readonly tls?: Credentials;
  readonly serverName?: string;
  readonly alpn?: string;
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
    this.server = createInbound(this.config, this.runtime, credentials, this.policies, {
      acquire: () => null,
    });
    listener.accept(async (connection) => {
      this.serving++;
      await this.server.accept(connection, this.target);
      this.serving--;
    });
  }

  static async start(environment: Record<string, string> = {}): Promise<InboundWorld> {
    return new InboundWorld(await listenLoopback(), environment);
  }

  /** An application, to which the connections to come are meant. */
  async app(starting: Promise<App>): Promise<App> {
    const app = await starting;
    this.#open.push(app);
    this.target = { ip: '127.0.0.1', port: app.port };
    return app;
  }

  /** Opens a connection; rejects when a handshake comes to nothing. */
  async dial({ from = '127.0.0.2', tls, serverName = ORDERS, alpn }: DialOptions = {}): Promise<Client> {
    const tcp = () => this.#connect(from);
    let connection: SocketConnection;
    let agreed: string | null = null;
    if (tls === undefined) {
      connection = await tcp();
    } else {
      const options = { timeoutMs: 5000, serverId: ORDERS, serverName };
      const dialed = await connectTls(tcp, tls, alpn === undefined ? options : { ...options, alpn })(never);
      connection = dialed.connection;
      agreed = dialed.alpn;
    }
    const heard = new RecordingHandler();
    connection.handler = heard;
    this.#open.push({ close: () => connection.destroy() });
    return {
      connection,
      heard,
      alpn: agreed,
      send: (text) => void connection.write(Buffer.from(text, 'latin1')),
    };
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

  #connect(from: string): Promise<SocketConnection> {
    const { ip, port } = this.#listener.address;
    return new Promise((resolve, reject) => {
      const socket = connect({ host: ip, port, localAddress: from, allowHalfOpen: true });
      socket.once('connect', () => resolve(new SocketConnection(socket)));
      socket.once('error', (error) => reject(new ConnectError('io', { ip, port }, error.message)));
    });
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
