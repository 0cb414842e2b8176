import { type Endpoint, type OutboundPolicy, type Profile, plainEndpoint } from '@weft/policy';
import { FakeClient, FakeDownstream, requestHead } from '../exchange/exchange.builder.ts';
import type { RequestHead } from '../http/message.ts';
import type { ResponseStream } from '../http/stream.ts';
import type { HttpClients } from './endpoint-factory.ts';
import { backendAt, FakeDiscovered, httpPolicy, outboundWorld } from './outbound.builder.ts';
import { OutboundExchange } from './outbound-exchange.ts';
import { outboundStack } from './stack.ts';

const service = 'orders.shop.svc.cluster.local:80';

/** One connection of an application, the whole stack for its requests, and an endpoint of plain text. */
export class OutboundBench {
  readonly endpoint = { http1: new FakeClient(), http2: new FakeClient() };
  readonly discovered: FakeDiscovered;
  readonly world;
  readonly #stack;
  readonly #connection;

  /** `endpoint`: what discovery says of the one that the service has. */
  constructor(
    options: {
      policy?: OutboundPolicy;
      profile?: Profile;
      clients?: HttpClients;
      endpoint?: Partial<Endpoint>;
    } = {},
  ) {
    const address = { ip: '10.1.0.1', port: 8080 };
    this.world = outboundWorld({
      clients: options.clients ?? { http1: () => this.endpoint.http1, http2: () => this.endpoint.http2 },
      endpoints: { [service]: [{ ...plainEndpoint(address.ip, address.port), ...options.endpoint }] },
    });
    this.discovered = new FakeDiscovered(
      options.policy ?? httpPolicy(backendAt(address)),
      options.profile ?? null,
    );
    const { clock, log, metrics } = this.world;
    this.#stack = outboundStack({ maxInFlight: 100, hostnameLabels: false, metrics, log, clock });
    this.#connection = {
      peer: { ip: '10.0.0.9', port: 40_000 },
      target: { ip: '10.0.0.1', port: 80 },
      logical: this.world.target(this.discovered),
      informational: true,
    };
  }

  get clock() {
    return this.world.clock;
  }

  /** `ended` false: a body follows, through `exchange.onRequestData`. */
  send(over: Partial<RequestHead> = {}, ended = true) {
    const downstream = new FakeDownstream();
    const head = ended ? over : { contentLength: -1, ...over };
    return { exchange: this.open(head, downstream, ended), downstream };
  }

  /** As `send`, with a server codec of the test's own. */
  open(over: Partial<RequestHead>, downstream: ResponseStream, ended = false): OutboundExchange {
    const head = requestHead(over);
    const now = this.clock.now();
    const exchange = new OutboundExchange(this.#stack, this.#connection, head, ended, downstream, now);
    exchange.proceed();
    return exchange;
  }

  /** The series of one family: labels, and after a blank the value. */
  series(name: string): string[] {
    return this.world.registry
      .render(0)
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .map((line) => line.slice(name.length + 1).replace('}', ''));
  }
}
