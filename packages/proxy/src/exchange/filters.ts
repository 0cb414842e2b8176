import { applyRedirect, type GrpcFilter, type HttpFilter, modifyHeaders, type Ratio } from '@weft/policy';
import { ProxyError } from '../errors/proxy-error.ts';
import type { ResponseHead } from '../http/message.ts';
import type { Exchange } from './exchange.ts';

export type Filter = HttpFilter | GrpcFilter;

/**
 * Applies a route's filters to the request, in order. Says 'done' when one of them answered in the
 * endpoint's place.
 */
export function filterRequest(
  x: Exchange,
  filters: readonly Filter[],
  matchedPathLength: number,
  random: () => number,
): 'done' | undefined {
  for (const filter of filters) {
    switch (filter.kind) {
      case 'request-headers':
        modifyHeaders(filter.modifier, x.request.headers);
        break;
      case 'response-headers':
        break;
      case 'redirect': {
        const { request } = x;
        const result = applyRedirect(
          filter.redirect,
          {
            scheme: request.scheme,
            authority: request.authority ?? '',
            path: request.path,
          },
          matchedPathLength,
        );
        if (result.kind === 'invalid') return x.fail(new ProxyError('invalid-redirect', result.reason));
        if (result.kind === 'redirect') {
          const { status, location } = result;
          return x.fail(new ProxyError('redirect', 'redirected', { status, location }));
        }
        break;
      }
      case 'fail-http':
        if (hits(filter.ratio, random)) {
          return x.fail(new ProxyError('injected', filter.message, { status: filter.status }));
        }
        break;
      case 'fail-grpc':
        if (hits(filter.ratio, random)) {
          return x.fail(new ProxyError('injected-grpc', filter.message, { status: filter.code }));
        }
        break;
      case 'unknown':
        return x.fail(new ProxyError('unexpected', 'unexpected error'));
    }
  }
  return undefined;
}

export function filterResponse(head: ResponseHead, filters: readonly Filter[]): void {
  for (const filter of filters) {
    if (filter.kind === 'response-headers') modifyHeaders(filter.modifier, head.headers);
  }
}

const hits = (ratio: Ratio, random: () => number): boolean => random() * ratio.denominator < ratio.numerator;
