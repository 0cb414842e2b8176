import { describe, expect, it } from '@jest/globals';
import { synthesize } from '../errors/respond.ts';
import { getHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import { exchangeOf, type PlainExchange, responseHead } from './exchange.builder.ts';
import { type Filter, filterRequest, filterResponse } from './filters.ts';
import type { Layer } from './layer.ts';

const rescue: Layer<PlainExchange> = {
  name: 'rescue',
  rescue: (x, error) => synthesize(error, x.request, x.informational),
};
const modifier = { add: ['x-added', '1'], set: ['x-set', '2'], remove: ['x-secret'] };
const redirect = { scheme: null, host: null, port: 0, path: null, status: 302 };
const always = { numerator: 1, denominator: 1 };

/** Sends a request past the filters; `roll` is what chance says. */
function filtered(filters: Filter[], head: Partial<RequestHead> = {}, roll = 0, matchedPathLength = 1) {
  const layer: Layer<PlainExchange> = {
    name: 'filters',
    onRequest: (x) => filterRequest(x, filters, matchedPathLength, () => roll),
  };
  const { exchange, downstream } = exchangeOf([rescue, layer], { head: { authority: 'app', ...head } });
  exchange.proceed();
  return { exchange, downstream };
}

describe('the filters of a route', () => {
  it('change the fields of the request', () => {
    const headers = ['host', 'app', 'x-set', '1', 'x-secret', 's'];
    const { exchange } = filtered([{ kind: 'request-headers', modifier }], { headers });
    expect(exchange.request.headers).toEqual(['host', 'app', 'x-added', '1', 'x-set', '2']);
    expect(exchange.finished).toBe(false);
  });

  it('change the fields of the answer, and leave those of the request', () => {
    const filters: Filter[] = [{ kind: 'response-headers', modifier }];
    expect(filtered(filters).exchange.request.headers).toEqual(['host', 'app']);
    const head = responseHead(200, ['x-secret', 's']);
    filterResponse(head, [...filters, { kind: 'request-headers', modifier }]);
    expect(head.headers).toEqual(['x-added', '1', 'x-set', '2']);
  });

  it('redirect', () => {
    const { downstream } = filtered([{ kind: 'redirect', redirect: { ...redirect, host: 'new.example' } }], {
      path: '/a?b',
    });
    expect(downstream.head?.status).toBe(302);
    expect(downstream.head?.headers).toContain('http://new.example/a?b');
  });

  it('do not redirect a request to where it is', () => {
    expect(filtered([{ kind: 'redirect', redirect }]).exchange.finished).toBe(false);
  });

  it('answer 500 to a redirect that replaces a prefix nobody matched', () => {
    const path = { kind: 'prefix', value: '/new' } as const;
    const { downstream } = filtered([{ kind: 'redirect', redirect: { ...redirect, path } }], {}, 0, -1);
    expect(downstream.head?.status).toBe(500);
  });

  it('fail the share of requests that is asked for', () => {
    const filters: Filter[] = [
      { kind: 'fail-http', status: 418, message: 'no coffee', ratio: { numerator: 1, denominator: 4 } },
    ];
    const { downstream } = filtered(filters, {}, 0.24);
    expect(downstream.head?.status).toBe(418);
    expect(downstream.head?.headers).toContain('no coffee');
    expect(filtered(filters, {}, 0.25).exchange.finished).toBe(false);
  });

  it('fail gRPC requests with their code', () => {
    const head = { version: '2' as const, headers: ['content-type', 'application/grpc'] };
    const filters: Filter[] = [{ kind: 'fail-grpc', code: 8, message: 'later', ratio: always }];
    const { downstream } = filtered(filters, head);
    expect(downstream.head?.status).toBe(200);
    expect(getHeader(downstream.head?.headers ?? [], 'grpc-status')).toBe('8');
  });

  it('apply in order, up to the first that answers', () => {
    const { exchange, downstream } = filtered([
      { kind: 'fail-http', status: 400, message: 'first', ratio: always },
      { kind: 'fail-http', status: 401, message: 'second', ratio: always },
      { kind: 'request-headers', modifier },
    ]);
    expect(downstream.events).toEqual(['head 400 ended']);
    expect(exchange.request.headers).toEqual(['host', 'app']);
  });

  it('that are unknown fail the request rather than being skipped', () => {
    expect(filtered([{ kind: 'unknown' }]).downstream.head?.status).toBe(500);
  });
});
