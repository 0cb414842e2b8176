import type { Clock } from '../../balance/balancer.ts';
import type { Stack } from '../../exchange/layer.ts';
import type { RequestHead } from '../../http/message.ts';
import type { HttpClient, RequestStream, ResponseHandler } from '../../http/stream.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';
import { ReplayBody } from './replay-body.ts';
import type { RetryRule } from './retry-rule.ts';
import { RetryingRequest } from './retrying-request.ts';

/** The layers below, as the endpoint of a request that may pass them several times. */
export class RetryClient implements HttpClient {
  readonly ready = true;
  onReadyChange: ((ready: boolean) => void) | null = null;
  readonly #whole: OutboundExchange;
  readonly #stack: Stack<OutboundExchange>;
  readonly #rule: RetryRule;
  readonly #clock: Clock;

  constructor(whole: OutboundExchange, stack: Stack<OutboundExchange>, rule: RetryRule, clock: Clock) {
    this.#whole = whole;
    this.#stack = stack;
    this.#rule = rule;
    this.#clock = clock;
  }

  warm(): void {}

  request(_head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream {
    const body = new ReplayBody(this.#rule.maxBody, ended);
    const request = new RetryingRequest(this.#whole, this.#stack, this.#rule, handler, body, this.#clock);
    // Later, so that the caller holds the stream before its handler hears of it.
    process.nextTick(() => request.begin());
    return request;
  }

  close(): void {}
}
