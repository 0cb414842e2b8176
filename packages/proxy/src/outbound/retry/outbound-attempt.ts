import type { Layer, Stack } from '../../exchange/layer.ts';
import type { ResponseStream } from '../../http/stream.ts';
import { OutboundExchange } from '../outbound-exchange.ts';

/** One attempt of a request that may be sent several times, routed as the request is. */
export class OutboundAttempt extends OutboundExchange {
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

/** First of the layers of what belongs to another exchange: what goes wrong is for that to tell. */
export const keepFailure: Layer<OutboundExchange> = {
  name: 'keep-failure',
  onEnd(x, _trailers, error) {
    x.failure = error;
  },
};
