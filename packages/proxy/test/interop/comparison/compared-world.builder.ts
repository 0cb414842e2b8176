import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { OutboundPolicy } from '@weft/proto/outbound';
import { add } from '../../../src/discovery/update.builder.ts';
import { server } from '../../../src/policy/server.builder.ts';
import { ControlPlane } from '../../control-plane.builder.ts';
import { Pod } from '../../pod.builder.ts';
import { ORDERS, ProxyProcess } from '../../proxy-process.builder.ts';
import type { ProxyProgram } from '../../proxy-program.builder.ts';
import type { HttpServer } from '../../traffic.builder.ts';
import { type Apps, startApps } from '../apps.builder.ts';
import type { Http2App } from '../http2-peer.builder.ts';
import type { TcpApp } from '../tcp-peer.builder.ts';

/** Names that the destination service knows in every run, and what they lead to. */
export const APP = 'app.shop.svc.cluster.local:80';
export const RPC = 'rpc.shop.svc.cluster.local:80';
export const ECHO = 'echo.shop.svc.cluster.local:80';
/** Its endpoint does not listen. */
export const DEAD = 'dead.shop.svc.cluster.local:80';
/** It has no endpoints. */
export const VOID = 'void.shop.svc.cluster.local:80';

const FIRST_PORT = 8000;
/** Nothing listens here. */
const DEAD_PORT = 9;

const env = {
  OUTBOUND_HTTP_FAILFAST_TIMEOUT: '300ms',
  OUTBOUND_TCP_FAILFAST_TIMEOUT: '300ms',
  INBOUND_DETECT_TIMEOUT: '1s',
  OUTBOUND_DETECT_TIMEOUT: '1s',
  DESTINATION_PROFILE_NETWORKS: '198.18.0.0/15',
  DESTINATION_PROFILE_INITIAL_TIMEOUT: '200ms',
  SHUTDOWN_ENDPOINT_ENABLED: undefined,
};

/** One pod, one control plane, one set of applications, and one proxy after the other in their midst. */
export class ComparedWorld {
  readonly pod: Pod;
  readonly controlPlane: ControlPlane;
  readonly app: HttpServer;
  readonly rpc: Http2App;
  readonly echo: TcpApp;
  #proxy: ProxyProcess | null = null;
  #port = FIRST_PORT;
  /** How often each flaky path was asked. */
  readonly #asked = new Map<string, number>();

  private constructor(pod: Pod, controlPlane: ControlPlane, { app, rpc, echo }: Apps) {
    this.pod = pod;
    this.controlPlane = controlPlane;
    this.app = app;
    this.rpc = rpc;
    this.echo = echo;
    this.app.answer = (request, response) => this.#answer(request, response);
    const { hostIp } = pod;
    controlPlane.endpoints(APP).set(add([`${hostIp}:${this.app.port}`], { service: 'app' }));
    controlPlane.endpoints(RPC).set(add([`${hostIp}:${this.rpc.port}`], { service: 'rpc' }));
    controlPlane.endpoints(ECHO).set(add([`${hostIp}:${this.echo.port}`], { service: 'echo' }));
    controlPlane.endpoints(DEAD).set(add([`${hostIp}:${DEAD_PORT}`], { service: 'dead' }));
    controlPlane.endpoints(VOID).set({ update: { case: 'noEndpoints', value: { exists: true } } });
  }

  static async start(): Promise<ComparedWorld> {
    const pod = Pod.make();
    const { hostIp } = pod;
    const apps = await startApps(hostIp);
    return new ComparedWorld(pod, await ControlPlane.start({ ip: hostIp }), apps);
  }

  async stop(): Promise<void> {
    await this.#proxy?.kill();
    for (const app of [this.app, this.rpc, this.echo]) app.close();
    await this.controlPlane.stop();
    this.pod.remove();
  }

  get proxy(): ProxyProcess {
    if (this.#proxy === null) throw new Error('no proxy runs');
    return this.#proxy;
  }

  /** Runs one proxy; nothing is left of the one before. */
  async run<T>(program: ProxyProgram, look: () => Promise<T>): Promise<T> {
    this.#port = FIRST_PORT;
    this.#asked.clear();
    for (const port of [this.app.port, this.rpc.port, this.echo.port])
      this.controlPlane.policy(port).set(server());
    const ports = [this.app.port, this.rpc.port, this.echo.port, DEAD_PORT].join();
    this.#proxy = new ProxyProcess(this.controlPlane, {
      pod: this.pod,
      program,
      env: { ...env, INBOUND_PORTS: ports },
    });
    try {
      await this.#proxy.ready();
      // Until the policies of its ports are there, the defaults are in force.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return await look();
    } finally {
      await this.#proxy.kill();
      this.#proxy = null;
    }
  }

  /** A new destination, led by this policy. */
  led(policy: OutboundPolicy): { ip: string; port: number } {
    const ip = this.pod.service(1);
    const port = this.#port++;
    this.controlPlane.outbound(`${ip}:${port}`).set(policy);
    return { ip, port };
  }

  /** What a client in the mesh brings along. */
  meshClient(identity: string) {
    const { key, leaf, intermediates } = this.controlPlane.certify(identity);
    return {
      servername: ORDERS,
      minVersion: 'TLSv1.3' as const,
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: [leaf, ...intermediates].map((certificate) => certificate.toString()).join(''),
      ca: this.controlPlane.root.certificate.toString(),
      checkServerIdentity: () => undefined,
    };
  }

  /** `/flaky/…?fails=N&status=S` fails N times, `/slow?ms=N` waits, all others tell what they were asked. */
  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://app');
    const param = (name: string) => Number(url.searchParams.get(name));
    if (url.pathname.startsWith('/flaky')) {
      const asked = (this.#asked.get(url.pathname) ?? 0) + 1;
      this.#asked.set(url.pathname, asked);
      response.writeHead(asked > param('fails') ? 200 : param('status')).end(`asked ${asked} times`);
    } else if (url.pathname === '/slow') {
      setTimeout(() => response.end('slow'), param('ms'));
    } else if (url.pathname === '/status') {
      response.writeHead(param('code')).end();
    } else if (url.pathname === '/sized') {
      response.setHeader('content-length', 5).end('sized');
    } else if (url.pathname === '/hang-up') {
      request.socket.destroy();
    } else if (url.pathname === '/hop') {
      response.setHeader('connection', 'x-hop').setHeader('keep-alive', 'timeout=5').setHeader('x-hop', '1');
      response.setHeader('l5d-proxy-error', 'forged').setHeader('l5d-proxy-connection', 'close').end('hop');
    } else {
      void buffer(request).then((body) => response.end(told(request, body)));
    }
  }
}

/** A request as the application saw it, its fields in order of their names. */
function told(request: IncomingMessage, body: Buffer): string {
  const headers = Object.entries(request.headers).sort(([a], [b]) => (a < b ? -1 : 1));
  const fields = headers.map(([name, value]) => `${name}: ${value}`).join('; ');
  return `${request.method} ${request.url} HTTP/${request.httpVersion} {${fields}} ${body}`;
}
