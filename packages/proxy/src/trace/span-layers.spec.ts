import { describe, expect, it } from '@jest/globals';
import { ProxyError } from '../errors/proxy-error.ts';
import { exchangeOf, FakeClient, type PlainExchange, responseHead } from '../exchange/exchange.builder.ts';
import type { Layer } from '../exchange/layer.ts';
import { getHeader } from '../http/headers.ts';
import { PARENT, TRACE } from './span.builder.ts';
import type { Span } from './span.ts';
import { spanLayers } from './span-layers.ts';

const traced = (flags = '01') => ['host', 'app', 'traceparent', `00-${TRACE}-${PARENT}-${flags}`];

/** A request through both layers of one side, the time and the spans. */
function pass(headers: string[], below: Layer<PlainExchange>[] = []) {
  const spans: Span[] = [];
  const time = { ms: 10 };
  const layers = spanLayers('outbound', { now: () => time.ms, take: (span) => spans.push(span) });
  const client = new FakeClient();
  const dispatch: Layer<PlainExchange> = { name: 'dispatch', onRequest: (x) => x.dispatch(client, 0) };
  const rescue: Layer<PlainExchange> = {
    name: 'rescue',
    rescue: () => ({ head: responseHead(504), close: false }),
  };
  const made = exchangeOf([layers.server, rescue, ...below, layers.client, dispatch], { head: { headers } });
  made.exchange.proceed();
  const spanInHeader = () => getHeader(made.exchange.request.headers, 'traceparent')?.split('-')[2];
  return { ...made, spans, time, client, spanInHeader };
}

describe('a request of a trace', () => {
  it('makes a span of its way through the proxy, and one of its way to the endpoint', () => {
    const { client, exchange, spanInHeader, spans, time } = pass(traced());
    const sent = spanInHeader();
    time.ms = 12;
    client.handler?.onResponseHead(responseHead(201), false);
    time.ms = 90;
    client.handler?.onResponseEnd(null);
    const [inner, outer] = spans;
    expect(spans).toHaveLength(2);
    expect(outer).toMatchObject({
      ...{ traceId: TRACE, parentId: PARENT, kind: 'server', direction: 'outbound' },
      ...{ startedAt: 10, endedAt: 12, status: 201 },
    });
    expect(inner).toMatchObject({ traceId: TRACE, parentId: outer?.spanId, kind: 'client', status: 201 });
    expect(sent).toBe(inner?.spanId);
    expect(exchange.finished).toBe(true);
  });

  it('is told of with the answer that the proxy makes when there is none', () => {
    const { exchange, spans } = pass(traced());
    exchange.fail(new ProxyError('fail-fast', 'service in fail-fast'));
    expect(spans.map(({ kind, status }) => [kind, status])).toEqual([
      ['client', null],
      ['server', 504],
    ]);
  });

  it('is told of once when its client gives it up', () => {
    const { exchange, spans } = pass(traced());
    exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    expect(spans.map(({ status }) => status)).toEqual([null, null]);
  });

  it('goes on with a new span though nobody is told of it, when it is not sampled', () => {
    const { client, spanInHeader, spans } = pass(traced('00'));
    client.handler?.onResponseHead(responseHead(), true);
    expect(spans).toEqual([]);
    expect(spanInHeader()).toMatch(/^[0-9a-f]{16}$/);
    expect(spanInHeader()).not.toBe(PARENT);
  });

  it('is described as it came', () => {
    const change: Layer<PlainExchange> = {
      name: 'change',
      onRequest({ request }) {
        request.path = '/changed';
      },
    };
    const { client, spans } = pass(traced(), [change]);
    client.handler?.onResponseHead(responseHead(), true);
    expect(spans.map(({ kind, request }) => [kind, request.path])).toEqual([
      ['client', '/changed'],
      ['server', '/'],
    ]);
  });
});

describe('a request of no trace', () => {
  it('passes as it came', () => {
    const headers = ['host', 'app', 'x-b3-sampled', '1'];
    const { client, exchange, spans } = pass(headers.slice());
    client.handler?.onResponseHead(responseHead(), true);
    expect(exchange.request.headers).toEqual(headers);
    expect(spans).toEqual([]);
  });
});
