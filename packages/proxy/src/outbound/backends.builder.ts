import { type Backend, type Endpoint, type FailureAccrual, plainEndpoint } from '@weft/policy';
import { FakeClock } from '../balance/balancer.builder.ts';
import { FakeClient } from '../exchange/exchange.builder.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { Registry } from '../metrics/registry.ts';
import { TransportMetrics } from '../metrics/transport.ts';
import { Credentials } from '../tls/credentials.ts';
import { ORDERS } from '../tls/mesh-tls.builder.ts';
import { Backends } from './backends.ts';
import { EndpointConnector } from './endpoint-connector.ts';
import { EndpointFactory } from './endpoint-factory.ts';
import { OutboundMetrics } from './metrics.ts';
import { backendAt, meta } from './outbound.builder.ts';
import type { EndpointListener } from './ports.ts';

/** An endpoint of the mesh, which proves to be orders. */
export function meshedEndpoint(ip: string, port: number, over: Partial<Endpoint> = {}): Endpoint {
  const tls = { serverId: { kind: 'dns', name: ORDERS } as const, serverName: ORDERS };
  return { ...plainEndpoint(ip, port), tls, ...over };
}

/** A backend that is one endpoint, as discovery describes it. */
export const forwardTo = (endpoint: Endpoint): Backend => ({
  ...backendAt(endpoint),
  dispatcher: { kind: 'forward', endpoint },
});

/** Balancers over services whose endpoints the test announces, and clients that only note what they are told. */
export class BackendsBench {
  readonly clock = new FakeClock();
  readonly registry = new Registry(1000);
  /** Every client made, by version; those closed say so in their events. */
  readonly clients: { version: 'http1' | 'http2'; client: FakeClient }[] = [];
  /** Names that are followed now. */
  readonly followed = new Map<string, EndpointListener>();
  readonly backends: Backends;

  constructor() {
    const metrics = new OutboundMetrics(this.registry);
    const connector = new EndpointConnector(new Credentials([]), {
      timeoutMs: 1000,
      ownIps: new Set(),
      onFailure() {},
    });
    const factory = new EndpointFactory({
      connector,
      clients: { http1: () => this.#client('http1'), http2: () => this.#client('http2') },
      http: new HttpMetrics(this.registry, ''),
      transport: new TransportMetrics(this.registry),
      cost: metrics.transferCost,
      clock: this.clock,
      onBreaker() {},
    });
    const resolve = (path: string, listener: EndpointListener) => {
      this.followed.set(path, listener);
      return () => void this.followed.delete(path);
    };
    const queue = { queueCapacity: 10, failFastTimeoutMs: 3000 };
    this.backends = new Backends(resolve, factory, { http: queue, tcp: queue }, metrics, this.clock);
  }

  /** One more holder of the balancer over `name:port`. */
  acquire(
    path = 'orders:80',
    protocol: 'http1' | 'http2' = 'http1',
    parent = 'orders',
    accrual: FailureAccrual | null = null,
  ) {
    const spec = {
      kind: 'balancer',
      path,
      load: { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 },
      accrual,
    } as const;
    const names = { parent: meta(parent), backend: meta('backend'), logical: path };
    return this.backends.acquireHttp(path, spec, protocol, names);
  }

  announce(path = 'orders:80'): EndpointListener {
    const listener = this.followed.get(path);
    if (listener === undefined) throw new Error(`${path} is not followed`);
    return listener;
  }

  get closed(): boolean[] {
    return this.clients.map(({ client }) => client.events.includes('close'));
  }

  /** The value of the one series of this family that holds the text. */
  metric(name: string, having = ''): number {
    const lines = this.registry.render(0).split('\n');
    const line = lines.find((each) => each.startsWith(`${name}{`) && each.includes(having));
    return Number(line?.slice(line.lastIndexOf(' ') + 1));
  }

  #client(version: 'http1' | 'http2'): FakeClient {
    const client = new FakeClient();
    this.clients.push({ version, client });
    return client;
  }
}
