import type { Balancer, Waiter } from '../balance/balancer.ts';
import type { HttpEndpoint } from '../endpoint/http-endpoint.ts';
import { ProxyError } from '../errors/proxy-error.ts';
import type { HttpClient } from '../http/stream.ts';
import { Exchange } from './exchange.ts';
import type { Layer } from './layer.ts';

/** An exchange whose endpoint is chosen by a balancer, and that may have to wait for one. */
export abstract class BalancedExchange<E> extends Exchange implements Waiter<HttpEndpoint<E>> {
  balancer: Balancer<HttpEndpoint<E>> | null = null;
  endpoint: HttpEndpoint<E> | null = null;
  waiting = false;
  /** Counted as a request under way at `endpoint`. */
  pending = false;

  onEndpoint(endpoint: HttpEndpoint<E>): void {
    this.waiting = false;
    this.endpoint = endpoint;
    this.proceed();
  }

  onFailFast(): void {
    this.waiting = false;
    this.fail(new ProxyError('fail-fast', 'service in fail-fast'));
  }

  onHopeless(reason: string): void {
    this.waiting = false;
    this.fail(new ProxyError('unexpected', reason));
  }
}

/** Takes an endpoint from the exchange's balancer, or a place in its queue, and keeps the endpoint's load. */
export function balance<E>(now: () => number): Layer<BalancedExchange<E>> {
  return {
    name: 'balance',
    onRequest(x) {
      const acquired = x.balancer?.acquire(x) ?? { kind: 'shut' as const };
      switch (acquired.kind) {
        case 'endpoint':
          x.endpoint = acquired.endpoint;
          return undefined;
        case 'queued':
          x.waiting = true;
          return 'wait';
        case 'shut':
        case 'full':
          return x.fail(new ProxyError('load-shed', 'service unavailable'));
        case 'failed':
          return x.fail(new ProxyError('unexpected', acquired.reason));
      }
    },
    onResponseBody(x) {
      if (!x.pending) return;
      x.pending = false;
      const time = now();
      x.endpoint?.finish(time - x.dispatchedAt, time);
    },
    onEnd(x) {
      if (x.waiting) {
        x.waiting = false;
        x.balancer?.cancel(x);
      } else if (x.pending) {
        x.pending = false;
        x.endpoint?.finish(null, now());
      }
    },
  };
}

/** Stands between a request and its endpoint: the client it is to be sent with, or one around that. */
export type Through<X> = (x: X, client: HttpClient) => HttpClient;

/** Last of a stack: the request goes to the chosen endpoint. */
export function dispatch<E, X extends BalancedExchange<E> = BalancedExchange<E>>(
  now: () => number,
  through: Through<X> = (_x, client) => client,
): Layer<X> {
  return {
    name: 'dispatch',
    onRequest(x) {
      const endpoint = x.endpoint;
      if (endpoint === null) return x.fail(new ProxyError('unexpected', 'no endpoint was chosen'));
      x.pending = true;
      endpoint.begin();
      return x.dispatch(through(x, endpoint.client), now());
    },
  };
}
