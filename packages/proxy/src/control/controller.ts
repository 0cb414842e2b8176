import { Balancer, type Clock, type Waiter } from '../balance/balancer.ts';
import { PeakEwma } from '../balance/peak-ewma.ts';
import { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import type { CallReceiver, CallTransport } from '../grpc/call.ts';
import type { RequestHead } from '../http/message.ts';
import type { HttpClient, ResponseHandler } from '../http/stream.ts';
import type { Logger } from '../log/logger.ts';
import type { BalancerSeries } from '../metrics/balancer.ts';
import type { HttpTargetMetrics } from '../metrics/http.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { MeasuredCall } from './measured-call.ts';

export interface ControllerDeps {
  /** For logs: `destination`, `policy`, `identity`. */
  readonly name: string;
  readonly makeClient: (address: SocketAddress) => HttpClient;
  /** Follows the addresses of the service until the returned function is called. */
  readonly follow: (listener: (addresses: readonly SocketAddress[]) => void) => () => void;
  readonly metrics: HttpTargetMetrics;
  readonly balancer: BalancerSeries;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Calls wait for an instance up to this many at a time, and this long. */
export const controllerQueue = { queueCapacity: 1000, failFastTimeoutMs: 30_000 };
const defaultRttMs = 30;
const decayMs = 10_000;

type Instance = HttpEndpoint<SocketAddress>;

/** One service of the control plane: calls are balanced over its instances. */
export class Controller implements CallTransport {
  readonly #deps: ControllerDeps;
  readonly #balancer: Balancer<Instance>;
  readonly #unfollow: () => void;
  readonly #onReachable = new Set<() => void>();
  #isReachable = false;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#balancer = new Balancer(controllerQueue, deps.clock, deps.balancer);
    this.#unfollow = deps.follow((addresses) => this.#update(addresses));
  }

  send(head: RequestHead, body: Buffer, handler: CallReceiver): () => void {
    const { clock, metrics } = this.#deps;
    const waiter: Waiter<Instance> = {
      onEndpoint: (instance) => {
        const measured = new MeasuredCall(handler, instance, metrics, clock);
        const stream = instance.client.request(head, false, measured);
        measured.sent(stream);
        stream.writeData(body);
        stream.end(null);
      },
      onFailFast: () => this.#refuse(handler, 'no instance could be reached'),
      onHopeless: (reason) => this.#refuse(handler, reason),
    };
    const acquired = this.#balancer.acquire(waiter);
    if (acquired.kind === 'endpoint') waiter.onEndpoint(acquired.endpoint);
    else if (acquired.kind === 'shut') this.#refuse(handler, 'no instance can be reached');
    else if (acquired.kind === 'full') this.#refuse(handler, 'too many calls wait for an instance');
    return () => this.#balancer.cancel(waiter);
  }

  /** Calls back whenever there is an instance after there was none. The returned function ends that. */
  onReachable(listener: () => void): () => void {
    this.#onReachable.add(listener);
    return () => this.#onReachable.delete(listener);
  }

  close(): void {
    this.#unfollow();
    this.#onReachable.clear();
    this.#balancer.close();
    this.#deps.balancer.endpoints(0, 0);
  }

  #refuse(handler: ResponseHandler, reason: string): void {
    const error = new Error(`controller ${this.#deps.name}: ${reason}`);
    queueMicrotask(() => handler.onResponseReset({ kind: 'io', error }));
  }

  #update(addresses: readonly SocketAddress[]): void {
    this.#deps.balancer.updated('Reset');
    const wanted = new Map(addresses.map((address) => [formatAddress(address), address]));
    for (const { key } of [...this.#balancer.endpoints]) if (!wanted.has(key)) this.#balancer.remove(key);
    for (const [key, address] of wanted) {
      if (this.#balancer.has(key)) continue;
      const load = new PeakEwma(defaultRttMs, decayMs, this.#deps.clock.now());
      const client = this.#deps.makeClient(address);
      this.#balancer.add(
        new HttpEndpoint(
          key,
          address,
          client,
          load,
          () => this.#changed(),
          () => {},
        ),
      );
    }
    this.#changed();
  }

  #changed(): void {
    this.#balancer.changed();
    this.#deps.balancer.endpoints(this.#balancer.size, this.#balancer.readyCount);
    const before = this.#isReachable;
    this.#isReachable = this.#balancer.readyCount > 0;
    if (this.#isReachable && !before) for (const listener of [...this.#onReachable]) listener();
  }
}
