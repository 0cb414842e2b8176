import { describe, expect, it } from '@jest/globals';
import { Destination, UpdateSchema } from '@weft/proto/destination';
import { FakeClock } from '../balance/balancer.builder.ts';
import { GrpcClient } from '../grpc/client.ts';
import { GrpcServer, type ReceivedCall, transportTo } from '../grpc/grpc-server.builder.ts';
import { type GrpcStatus, StatusCode } from '../grpc/status.ts';
import { settle } from '../http2/raw-peer.builder.ts';
import { LimitedWatchClient, type StreamLimits } from './limited-watch.ts';

async function watching(limits: Partial<StreamLimits>) {
  const clock = new FakeClock();
  const server = new GrpcServer();
  const client = new GrpcClient(transportTo(server), 'web:80');
  const all = { initialMs: undefined, idleMs: undefined, lifetimeMs: undefined, ...limits };
  const heard = { messages: 0, ends: [] as GrpcStatus[] };
  const abort = new AbortController();
  new LimitedWatchClient(client, all, clock).watch(
    Destination.method.get,
    { path: 'web:80' },
    {
      onMessage: () => {
        heard.messages++;
      },
      onEnd: (status) => {
        heard.ends.push(status);
      },
    },
    abort.signal,
  );
  await settle();
  const call = server.calls[0]!;
  const send = async () => {
    call.send(UpdateSchema, { update: { case: 'add', value: {} } });
    await settle();
  };
  return { clock, call, heard, abort, send };
}

async function cancelled(call: ReceivedCall): Promise<boolean> {
  await settle();
  return call.request.reset !== null;
}

describe('a watch within limits', () => {
  it('fails without its first message in time', async () => {
    const { clock, call, heard } = await watching({ initialMs: 3000, idleMs: 60_000 });
    clock.advance(2999);
    expect(heard.ends).toEqual([]);
    clock.advance(1);
    expect(heard.ends).toMatchObject([{ code: StatusCode.DeadlineExceeded }]);
    expect(await cancelled(call)).toBe(true);
  });

  it('gives the first message the idle time when nothing else is said', async () => {
    const { clock, heard } = await watching({ idleMs: 5000 });
    clock.advance(5000);
    expect(heard.ends).toMatchObject([{ code: StatusCode.DeadlineExceeded }]);
  });

  it('ends in good order when it is silent after a message', async () => {
    const { clock, call, heard, send } = await watching({ initialMs: 3000, idleMs: 5000 });
    await send();
    clock.advance(4999);
    await send();
    clock.advance(4999);
    expect(heard.ends).toEqual([]);
    clock.advance(1);
    expect(heard).toMatchObject({ messages: 2, ends: [{ code: StatusCode.Ok }] });
    expect(await cancelled(call)).toBe(true);
  });

  it('ends in good order when it is old, however lively', async () => {
    const { clock, heard, send } = await watching({ idleMs: 5000, lifetimeMs: 12_000 });
    for (let i = 0; i < 3; i++) {
      await send();
      clock.advance(4000);
    }
    expect(heard.ends).toMatchObject([{ code: StatusCode.Ok }]);
  });

  it('lasts without limits', async () => {
    const { clock, heard } = await watching({});
    clock.advance(1e9);
    expect(heard.ends).toEqual([]);
  });

  it('passes on how the stream ended, once', async () => {
    const { clock, call, heard } = await watching({ initialMs: 3000, idleMs: 5000, lifetimeMs: 9000 });
    call.end(5, 'gone');
    await settle();
    clock.advance(1e6);
    expect(heard.ends).toEqual([{ code: StatusCode.NotFound, message: 'gone' }]);
  });

  it('is silent once aborted', async () => {
    const { clock, call, heard, abort } = await watching({ initialMs: 3000 });
    abort.abort();
    clock.advance(5000);
    expect(heard.ends).toEqual([]);
    expect(await cancelled(call)).toBe(true);
  });
});
