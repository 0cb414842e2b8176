import { describe, expect, it } from '@jest/globals';
import { ProxyError } from '../errors/proxy-error.ts';
import type { RequestHead, ResponseHead } from '../http/message.ts';
import { exchangeOf, FakeClient, PlainExchange, requestHead, responseHead } from './exchange.builder.ts';
import { type Layer, Stack } from './layer.ts';
import { StackClient } from './stack-client.ts';

class InnerExchange extends PlainExchange {
  failure: ProxyError | null = null;
}

/** An exchange whose endpoint is a stack that leads to `endpoint`, unless a layer there says otherwise. */
function nested(over: { head?: Partial<RequestHead>; ended?: boolean; inner?: Layer<InnerExchange>[] } = {}) {
  const endpoint = new FakeClient();
  const keepFailure: Layer<InnerExchange> = {
    name: 'keep',
    onEnd(x, _trailers, error) {
      x.failure = error;
    },
  };
  const stack = new Stack<InnerExchange>([
    keepFailure,
    ...(over.inner ?? []),
    { name: 'dispatch', onRequest: (x) => x.dispatch(endpoint, 0) },
  ]);
  const failures: (ProxyError | null)[] = [];
  const outer = exchangeOf(
    [
      {
        name: 'nest',
        onRequest: (x) =>
          x.dispatch(
            new StackClient(
              x,
              (head, ended, downstream) => new InnerExchange(stack as Stack<never>, head, ended, downstream),
            ),
            0,
          ),
        onEnd: (_x, _trailers, error) => void failures.push(error),
      },
    ],
    over,
  );
  outer.exchange.proceed();
  return { ...outer, endpoint, failures };
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('an exchange within an exchange', () => {
  it('carries both bodies', async () => {
    const { exchange, downstream, endpoint } = nested({ ended: false, head: { method: 'POST' } });
    exchange.onRequestData(Buffer.from('one'));
    await nextTurn();
    exchange.onRequestData(Buffer.from('two'));
    exchange.onRequestEnd(null);
    endpoint.handler?.onResponseHead(responseHead(200), false);
    endpoint.handler?.onResponseData(Buffer.from('answer'));
    endpoint.handler?.onResponseEnd(['x', 'y']);
    expect(endpoint.events).toEqual(['POST /', 'data one', 'data two', 'end']);
    expect(downstream.events.filter((event) => !/pause|resume/.test(event))).toEqual([
      'head 200',
      'data answer',
      'end x y',
    ]);
  });

  it('holds either side back for the other', async () => {
    const { exchange, downstream, endpoint } = nested({ ended: false, head: { method: 'POST' } });
    await nextTurn();
    endpoint.writable = false;
    exchange.onRequestData(Buffer.from('one'));
    expect(downstream.events).toEqual(['pause']);
    endpoint.handler?.onRequestDrain();
    expect(downstream.events).toEqual(['pause', 'resume']);
    downstream.writable = false;
    endpoint.handler?.onResponseHead(responseHead(200), false);
    endpoint.handler?.onResponseData(Buffer.from('much'));
    expect(endpoint.events.at(-1)).toBe('pause');
    exchange.onResponseDrain();
    expect(endpoint.events.at(-1)).toBe('resume');
  });

  it('does not send what came before it began a second time, and lets more come', async () => {
    const { exchange, downstream, endpoint } = nested({ ended: false, head: { method: 'POST' } });
    exchange.onRequestData(Buffer.from('one'));
    expect(downstream.events).toEqual(['pause']);
    await nextTurn();
    expect(endpoint.events).toEqual(['POST /', 'data one']);
    expect(downstream.events).toEqual(['pause', 'resume']);
  });

  it('tells what went wrong in it as it was', async () => {
    const refuse: Layer<InnerExchange> = {
      name: 'refuse',
      onRequest: (x) => x.fail(new ProxyError('fail-fast', 'service in fail-fast')),
    };
    const { failures, endpoint } = nested({ inner: [refuse] });
    await nextTurn();
    expect(failures).toMatchObject([{ code: 'fail-fast', message: 'service in fail-fast' }]);
    expect(endpoint.events).toEqual([]);
  });

  it('passes RST_STREAM on as it came', async () => {
    const { downstream, endpoint } = nested({ head: { version: '2' } });
    await nextTurn();
    endpoint.handler?.onResponseReset({ kind: 'reset', code: 7 });
    expect(downstream.events).toEqual(['reset 7']);
  });

  it('is given up with the one around it, also before it has begun', async () => {
    const late = nested();
    await nextTurn();
    late.exchange.onRequestReset({ kind: 'reset', code: 8 });
    expect(late.endpoint.events).toEqual(['GET / ended', 'reset 8']);
    const early = nested();
    early.exchange.onRequestReset({ kind: 'reset', code: 8 });
    await nextTurn();
    expect(early.endpoint.events).toEqual([]);
  });

  it('leaves the head of the one around it as it was', async () => {
    const change: Layer<InnerExchange> = {
      name: 'change',
      onRequest(x) {
        x.request.version = '2';
        x.request.headers.push('a', 'b');
      },
    };
    const { exchange } = nested({ inner: [change] });
    await nextTurn();
    expect(exchange.request).toEqual(requestHead());
  });

  it('leaves HTTP together with the one around it', async () => {
    const { exchange, downstream, endpoint } = nested({ head: { wantsUpgrade: true } });
    const upgrades: number[] = [];
    downstream.acceptUpgrade = ({ status }: ResponseHead) => {
      upgrades.push(status);
      throw new Error('enough seen');
    };
    await nextTurn();
    const destroyed = { connection: { destroy() {} }, initial: Buffer.alloc(0) } as never;
    expect(() => endpoint.handler?.onUpgrade(responseHead(101), destroyed)).toThrow('enough seen');
    expect([upgrades, exchange.finished, exchange.response?.status]).toEqual([[101], true, 101]);
  });
});
