import type { Outcome } from '../../balance/breaker/accrual.ts';
import type { Breaker } from '../../balance/breaker/breaker.ts';
import type { PenalizedEwma } from '../../balance/penalized-ewma.ts';
import type { ProxyError } from '../../errors/proxy-error.ts';
import type { Layer } from '../../exchange/layer.ts';
import { classify, grpcStatusOf, isGrpcRequest } from '../../http/classify.ts';
import type { HeaderList, ResponseHead } from '../../http/message.ts';
import { pushbackMs, retryAfterMs } from '../../http/retry-after.ts';
import { ConnectError } from '../../transport/connect-error.ts';
import type { OutboundExchange } from '../outbound-exchange.ts';

const RESOURCE_EXHAUSTED = '8';
/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const penalizedCodes: ReadonlySet<string> = new Set(['2', '4', '8', '13', '14', '15']);

/**
 * Tells the chosen endpoint's load that it could not be reached; and its breaker and its load how the request
 * fared, where the policy asks for either.
 */
export function endpointHealth(now: () => number, date: () => number): Layer<OutboundExchange> {
  return {
    name: 'endpoint-health',
    onRequest(x) {
      const breaker = x.endpoint?.breaker ?? null;
      if (breaker !== null) x.probe = breaker.admit();
    },
    onResponseBody(x) {
      const penalties = x.endpoint?.info.penalties ?? null;
      if (penalties !== null && x.response !== null) penalize(penalties, x, x.response);
      // A probe that streams is not waited for: that an answer has begun is what it was to show.
      if (x.probe && !x.finished && outcomeOf(x, null) === 'success') settle(x, 'success');
    },
    onEnd(x, trailers, error) {
      const { endpoint } = x;
      if (endpoint === null) return;
      const { breaker } = endpoint;
      if (breaker !== null) {
        if (breaker.heedsHints) heed(breaker, x.response, trailers);
        settle(x, error === null ? outcomeOf(x, trailers) : outcomeOfFailure(x, error));
      }
      if (error === null || x.cancelled) return;
      endpoint.info.penalties?.penalize(0, now());
      if (error.cause instanceof ConnectError) endpoint.unreachable(now());
    },
  };

  /** By the head alone: what trailers say comes too late for the load. */
  function penalize(penalties: PenalizedEwma, x: OutboundExchange, response: ResponseHead): void {
    const { headers, status } = response;
    if (status === 429 || status >= 500) penalties.penalize(retryAfterMs(headers, date()), now());
    else if (isGrpcRequest(x.request) && penalizedCodes.has(grpcStatusOf(response, null) ?? ''))
      penalties.penalize(pushbackMs(headers), now());
  }

  function heed(breaker: Breaker, response: ResponseHead | null, trailers: HeaderList | null): void {
    if (response === null) return;
    const { status, headers } = response;
    const limited = grpcStatusOf(response, trailers) === RESOURCE_EXHAUSTED;
    const ms =
      status === 429 || status === 503
        ? retryAfterMs(headers, date())
        : limited
          ? Math.max(pushbackMs(headers), trailers === null ? 0 : pushbackMs(trailers))
          : 0;
    if (ms > 0) breaker.hint(ms);
  }
}

function settle(x: OutboundExchange, outcome: Outcome | null): void {
  const { probe } = x;
  x.probe = false;
  x.endpoint?.breaker?.record(outcome, probe);
}

function outcomeOf({ request, response }: OutboundExchange, trailers: HeaderList | null): Outcome {
  if (response === null) return 'failure';
  const { classification, grpcStatus } = classify(isGrpcRequest(request), response, trailers);
  if (classification === 'failure') return 'failure';
  return grpcStatus === RESOURCE_EXHAUSTED || response.status === 429 ? 'limited' : 'success';
}

/** null: the endpoint is not to blame. */
function outcomeOfFailure(x: OutboundExchange, error: ProxyError): Outcome | null {
  // It had all of the request, and did not answer in time.
  if (x.whole.overdue || error.code === 'response-timeout') return x.requestEnded ? 'failure' : null;
  if (!x.cancelled) return 'failure';
  // What it had said by then counts.
  return x.response !== null && outcomeOf(x, null) === 'failure' ? 'failure' : null;
}
