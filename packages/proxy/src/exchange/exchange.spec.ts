import { describe, expect, it } from '@jest/globals';
import { ProxyError } from '../errors/proxy-error.ts';
import { synthesize } from '../errors/respond.ts';
import { exchangeOf, FakeClient, type PlainExchange, responseHead } from './exchange.builder.ts';
import type { Layer } from './layer.ts';

const rescue: Layer<PlainExchange> = {
  name: 'rescue',
  rescue: (x, error) => synthesize(error, x.request, x.informational),
};

const dispatchTo = (client: FakeClient): Layer<PlainExchange> => ({
  name: 'dispatch',
  onRequest: (x) => x.dispatch(client, 0),
});

/** Notes each hook as `name:hook`. */
function noting(name: string, notes: string[]): Layer<PlainExchange> {
  return {
    name,
    onRequest: () => void notes.push(`${name}:request`),
    onRequestBody: () => void notes.push(`${name}:request-body`),
    onResponseHead: (_x, head) => void notes.push(`${name}:head ${head.status}`),
    onResponseBody: () => void notes.push(`${name}:response-body`),
    onEnd: (_x, _trailers, error) => void notes.push(`${name}:end${error === null ? '' : ` ${error.code}`}`),
  };
}

describe('an exchange', () => {
  it('meets the layers in order and its response in reverse', () => {
    const notes: string[] = [];
    const client = new FakeClient();
    const { exchange, downstream } = exchangeOf([noting('a', notes), noting('b', notes), dispatchTo(client)]);
    exchange.proceed();
    exchange.onResponseHead(responseHead(200), false);
    exchange.onResponseData(Buffer.from('hi'));
    exchange.onResponseEnd(null);
    expect(notes).toEqual([
      'a:request',
      'b:request',
      'a:request-body',
      'b:request-body',
      'b:head 200',
      'a:head 200',
      'b:response-body',
      'a:response-body',
      'b:end',
      'a:end',
    ]);
    expect(downstream.events).toEqual(['head 200', 'data hi', 'end']);
    expect(client.events).toEqual(['GET / ended']);
  });

  it('holds the body that comes before there is a destination, and pauses its sender', () => {
    const client = new FakeClient();
    let waiting: PlainExchange | null = null;
    const wait: Layer<PlainExchange> = {
      name: 'wait',
      onRequest(x) {
        waiting = x;
        return 'wait';
      },
    };
    const { exchange, downstream } = exchangeOf([wait, dispatchTo(client)], { ended: false });
    exchange.proceed();
    exchange.onRequestData(Buffer.from('one'));
    exchange.onRequestData(Buffer.from('two'));
    expect(client.events).toEqual([]);
    (waiting as PlainExchange | null)?.proceed();
    exchange.onRequestData(Buffer.from('three'));
    exchange.onRequestEnd(null);
    expect(client.events).toEqual(['GET /', 'data one', 'data two', 'data three', 'end']);
    expect(downstream.events).toEqual(['pause', 'resume']);
  });

  it('pauses each sender while the other side cannot take more', () => {
    const client = new FakeClient();
    client.writable = false;
    const { exchange, downstream } = exchangeOf([dispatchTo(client)], { ended: false });
    downstream.writable = false;
    exchange.proceed();
    exchange.onRequestData(Buffer.from('x'));
    exchange.onRequestDrain();
    exchange.onResponseHead(responseHead(), false);
    exchange.onResponseData(Buffer.from('y'));
    exchange.onResponseDrain();
    expect(downstream.events).toEqual(['pause', 'resume', 'head 200', 'data y']);
    expect(client.events).toEqual(['GET /', 'data x', 'pause', 'resume']);
  });
});

describe('a failure', () => {
  it('becomes an answer at the rescue; layers below see the error, layers above a response', () => {
    const notes: string[] = [];
    const refuse: Layer<PlainExchange> = {
      name: 'refuse',
      onRequest: (x) => x.fail(new ProxyError('unauthorized', 'unauthorized request on route')),
    };
    const { exchange, downstream } = exchangeOf([
      noting('above', notes),
      rescue,
      noting('below', notes),
      refuse,
    ]);
    exchange.proceed();
    expect(notes).toEqual([
      'above:request',
      'below:request',
      'below:end unauthorized',
      'above:head 403',
      'above:response-body',
      'above:end',
    ]);
    expect(downstream.events).toEqual(['head 403 ended']);
    expect(downstream.head?.headers).toContain('unauthorized request on route');
  });

  it('of the endpoint before its answer is answered 502 and closes the connection', () => {
    const client = new FakeClient();
    const { exchange, downstream } = exchangeOf([rescue, dispatchTo(client)]);
    exchange.proceed();
    exchange.onResponseReset({ kind: 'io', error: new Error('refused') });
    expect(downstream.events).toEqual(['close-after', 'head 502 ended']);
  });

  it('after the response began cuts it', () => {
    const notes: string[] = [];
    const client = new FakeClient();
    const { exchange, downstream } = exchangeOf([rescue, noting('a', notes), dispatchTo(client)]);
    exchange.proceed();
    exchange.onResponseHead(responseHead(), false);
    exchange.onResponseReset({ kind: 'io', error: new Error('reset') });
    expect(downstream.events).toEqual(['head 200', 'reset io']);
    expect(notes.at(-1)).toBe('a:end io');
  });

  it('after a gRPC response began becomes trailers', () => {
    const client = new FakeClient();
    const head = { version: '2' as const, headers: ['content-type', 'application/grpc'] };
    const { exchange, downstream } = exchangeOf([rescue, dispatchTo(client)], { head });
    exchange.proceed();
    exchange.onResponseHead(responseHead(), false);
    exchange.onResponseReset({ kind: 'io', error: new Error('broken pipe') });
    expect(downstream.events).toEqual(['head 200', 'end grpc-status 14 grpc-message broken pipe']);
  });

  it('by RST_STREAM is passed on to HTTP/2 clients with its code', () => {
    const client = new FakeClient();
    const { exchange, downstream } = exchangeOf([rescue, dispatchTo(client)], { head: { version: '2' } });
    exchange.proceed();
    exchange.onResponseReset({ kind: 'reset', code: 11 });
    expect(downstream.events).toEqual(['reset 11']);
  });
});

describe('a client that gives up', () => {
  it('ends the request to the endpoint, and each layer hears of it once', () => {
    const notes: string[] = [];
    const client = new FakeClient();
    const { exchange, downstream } = exchangeOf([rescue, noting('a', notes), dispatchTo(client)], {
      ended: false,
    });
    exchange.proceed();
    exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    exchange.onRequestReset({ kind: 'io', error: new Error('gone') });
    exchange.onResponseHead(responseHead(), true);
    expect(client.events).toEqual(['GET /', 'reset 8']);
    expect(notes.filter((note) => note.startsWith('a:end'))).toEqual(['a:end io']);
    expect(downstream.events).toEqual([]);
  });
});
