import { FakeClock } from '../balance/balancer.builder.ts';
import { Balancer, unmeasured } from '../balance/balancer.ts';
import type { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import { synthesize } from '../errors/respond.ts';
import { BalancedExchange, balance, dispatch } from './balanced-exchange.ts';
import { endpointOf, FakeClient, FakeDownstream, requestHead } from './exchange.builder.ts';
import { type Layer, Stack } from './layer.ts';

class TestExchange extends BalancedExchange<string> {
  override get informational(): boolean {
    return true;
  }
}

const rescue: Layer<TestExchange> = {
  name: 'rescue',
  rescue: (x, error) => synthesize(error, x.request, x.informational),
};

/** A balancer over one endpoint, and exchanges that go through it. */
export class BalancedBench {
  readonly clock = new FakeClock();
  readonly client = new FakeClient();
  readonly endpoint = endpointOf(this.client);
  readonly balancer: Balancer<HttpEndpoint<string>>;
  readonly #stack: Stack<TestExchange>;

  constructor(options: { ready?: boolean; queueCapacity?: number } = {}) {
    this.client.ready = options.ready ?? true;
    this.balancer = new Balancer(
      { queueCapacity: options.queueCapacity ?? 10, failFastTimeoutMs: 3000 },
      this.clock,
      unmeasured,
    );
    this.balancer.add(this.endpoint);
    const now = () => this.clock.now();
    this.#stack = new Stack<TestExchange>([rescue, balance<string>(now), dispatch<string>(now)]);
  }

  /** Sends a request without a body; null for a balancer leads nowhere. */
  send(balancer: Balancer<HttpEndpoint<string>> | null = this.balancer) {
    const downstream = new FakeDownstream();
    const exchange = new TestExchange(this.#stack as Stack<never>, requestHead(), true, downstream);
    exchange.balancer = balancer;
    exchange.proceed();
    return { exchange, downstream };
  }

  becomeReady(): void {
    this.client.ready = true;
    this.balancer.changed();
  }

  /** What a request sent now would probably wait, in milliseconds. */
  get load(): number {
    return this.endpoint.load(this.clock.now());
  }
}
