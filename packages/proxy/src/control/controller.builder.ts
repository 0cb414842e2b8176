import { FakeClock } from '../balance/balancer.builder.ts';
import type { CallReceiver } from '../grpc/call.ts';
import { callHead } from '../grpc/call.ts';
import { GrpcServer } from '../grpc/grpc-server.builder.ts';
import { Http2Client } from '../http2/client.ts';
import { HeardResponse } from '../http2/exchange.builder.ts';
import { BalancerFamilies } from '../metrics/balancer.ts';
import { HttpMetrics } from '../metrics/http.ts';
import { Registry } from '../metrics/registry.ts';
import type { SocketAddress } from '../transport/connection.ts';
import { RecordingLogger } from '../transport/recording-logger.builder.ts';
import { formatAddress } from '../transport/socket-address.ts';
import { Controller, controllerQueue } from './controller.ts';

export function instanceAt(last: number): SocketAddress {
  return { ip: `10.0.0.${last}`, port: 8086 };
}

/** A response whose request can be reset, as a call keeps it. */
export class ReceivedAnswer extends HeardResponse implements CallReceiver {
  stream: CallReceiver['stream'] = null;
}

/** A controller over instances in memory, by address; those not added refuse connections. */
export class ControllerFixture {
  readonly clock = new FakeClock();
  readonly servers = new Map<string, GrpcServer>();
  readonly registry = new Registry(1000);
  unfollowed = false;
  readonly controller: Controller;
  #listener: (addresses: readonly SocketAddress[]) => void = () => {};

  constructor() {
    this.controller = new Controller({
      name: 'destination',
      makeClient: (address) =>
        new Http2Client(async () => this.#server(address).connect(), {
          backoff: { minMs: 20, maxMs: 20, jitter: 0 },
        }),
      follow: (listener) => {
        this.#listener = listener;
        return () => {
          this.unfollowed = true;
        };
      },
      metrics: new HttpMetrics(this.registry, 'control_').target('addr="web:80"'),
      balancer: new BalancerFamilies(this.registry, 'control_destination_balancer').balancer(
        'addr="web:80"',
        controllerQueue.failFastTimeoutMs,
      ),
      clock: this.clock,
      log: new RecordingLogger(),
    });
  }

  /** Starts an instance. */
  serve(last: number): GrpcServer {
    const server = new GrpcServer();
    this.servers.set(formatAddress(instanceAt(last)), server);
    return server;
  }

  resolveTo(...instances: number[]): void {
    this.#listener(instances.map(instanceAt));
  }

  send(answer = new ReceivedAnswer()): { answer: ReceivedAnswer; takeBack: () => void } {
    const head = callHead('web:80', 'test.Service', 'Get');
    return { answer, takeBack: this.controller.send(head, Buffer.from('request'), answer) };
  }

  /** The value of the one series with this name and these labels. */
  metric(name: string, ...labels: string[]): number | undefined {
    const line = this.registry
      .render(0)
      .split('\n')
      .find((each) => each.startsWith(name) && labels.every((label) => each.includes(label)));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  #server(address: SocketAddress): GrpcServer {
    const server = this.servers.get(formatAddress(address));
    if (server === undefined) throw new Error('connection refused');
    return server;
  }
}
