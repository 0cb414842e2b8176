import type { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer, Stack } from '../../exchange/layer.ts';
import type { ResponseStream } from '../../http/stream.ts';
import { OutboundExchange } from '../outbound-exchange.ts';

/** One attempt of a request that may be sent several times, routed as the request is. */
export class OutboundAttempt extends OutboundExchange {
  /** Why there is no answer, or only a part of one. */
  failure: ProxyError | null = null;
  readonly #whole: OutboundExchange;

  constructor(
    stack: Stack<OutboundExchange>,
    whole: OutboundExchange,
    requestEnded: boolean,
    downstream: ResponseStream,
    now: number,
  ) {
    // Layers below change the head as they like: each attempt has its own.
    const head = { ...whole.request, headers: [...whole.request.headers] };
    super(stack, whole.connection, head, requestEnded, downstream, now);
    this.#whole = whole;
    this.target = whole.target;
    this.requiredId = whole.requiredId;
    this.routeMeta = whole.routeMeta;
    this.rule = whole.rule;
    this.profile = whole.profile;
    this.profileRoute = whole.profileRoute;
    this.matchedPathLength = whole.matchedPathLength;
  }

  override get whole(): OutboundExchange {
    return this.#whole;
  }
}

/** First of an attempt's layers: what goes wrong is for the whole request to tell. */
export const keepFailure: Layer<OutboundExchange> = {
  name: 'keep-failure',
  onEnd(x, _trailers, error) {
    if (x instanceof OutboundAttempt) x.failure = error;
  },
};
