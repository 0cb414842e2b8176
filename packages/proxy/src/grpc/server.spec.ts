import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { Destination, type GetDestination, type Update, UpdateSchema } from '@weft/proto/destination';
import { Identity } from '@weft/proto/identity';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { HeardResponse, requestHead } from '../http2/exchange.builder.ts';
import { settle } from '../http2/raw-peer.builder.ts';
import { Http2ServerConnection } from '../http2/server-connection.ts';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { callHead } from './call.ts';
import { GrpcClient } from './client.ts';
import { frameMessage } from './framing.ts';
import { OneConnection } from './grpc-server.builder.ts';
import { grpcListener, type ServerCall, serverStreaming } from './server.ts';
import { type GrpcStatus, StatusCode } from './status.ts';

const path = '/io.linkerd.proxy.destination.Destination/Get';
const update = toBinary(UpdateSchema, create(UpdateSchema, { update: { case: 'add', value: {} } }));

/** A server of `Destination/Get` and a connection to it. */
function served() {
  const calls: { request: GetDestination; call: ServerCall }[] = [];
  const methods = [serverStreaming(Destination.method.get, (request, call) => calls.push({ request, call }))];
  const [left, right] = memoryConnectionPair();
  new Http2ServerConnection(right, {}, grpcListener(methods));
  const connection = new Http2ClientConnection(left);
  return { calls, connection, client: new GrpcClient(new OneConnection(connection), 'web') };
}

function watch(client: GrpcClient, signal = new AbortController().signal) {
  const heard = { messages: [] as Update[], ends: [] as GrpcStatus[] };
  const handler = {
    onMessage: (message: Update) => void heard.messages.push(message),
    onEnd: (status: GrpcStatus) => void heard.ends.push(status),
  };
  client.watch(Destination.method.get, { path: 'web:80' }, handler, signal);
  return heard;
}

/** The answer to bytes that no client of ours would send. */
async function raw(connection: Http2ClientConnection, body: Buffer, head = {}): Promise<HeardResponse> {
  const response = new HeardResponse();
  const service = { ...callHead('web', 'io.linkerd.proxy.destination.Destination', 'Get'), ...head };
  const stream = connection.request(service, false, response);
  stream.writeData(body);
  stream.end(null);
  await response.over;
  return response;
}

const statusOf = ({ head, trailers }: HeardResponse): string | undefined => {
  const fields = trailers ?? head?.headers ?? [];
  return fields[fields.indexOf('grpc-status') + 1];
};

describe('a method that streams', () => {
  it('is told the request and sends messages, then a status', async () => {
    const { calls, client } = served();
    const heard = watch(client);
    await settle();
    expect(calls[0]?.request.path).toBe('web:80');
    calls[0]?.call.send(update);
    calls[0]?.call.send(update);
    calls[0]?.call.end({ code: StatusCode.Unavailable, message: 'going away, 100 %' });
    await settle();
    expect(heard.messages.map((message) => message.update.case)).toEqual(['add', 'add']);
    expect(heard.ends).toEqual([{ code: StatusCode.Unavailable, message: 'going away, 100 %' }]);
  });

  it('can refuse before it has sent anything', async () => {
    const { calls, client } = served();
    const heard = watch(client);
    await settle();
    calls[0]?.call.end({ code: StatusCode.InvalidArgument, message: 'no' });
    calls[0]?.call.send(update);
    await settle();
    expect(heard).toEqual({ messages: [], ends: [{ code: StatusCode.InvalidArgument, message: 'no' }] });
  });

  it('tells at once that it has begun', async () => {
    const { calls, connection } = served();
    const response = new HeardResponse();
    const stream = connection.request(
      callHead('web', 'io.linkerd.proxy.destination.Destination', 'Get'),
      false,
      response,
    );
    stream.writeData(frameMessage(new Uint8Array()));
    stream.end(null);
    await settle();
    expect(response.head).toBeNull();
    calls[0]?.call.begin();
    await settle();
    expect(response.head?.status).toBe(200);
  });

  it('hears that its client has gone, and sends nothing more', async () => {
    const { calls, client } = served();
    const abort = new AbortController();
    watch(client, abort.signal);
    await settle();
    let cancelled = 0;
    const { call } = calls[0]!;
    call.onCancelled = () => cancelled++;
    abort.abort();
    await settle();
    expect(cancelled).toBe(1);
    call.end({ code: StatusCode.Ok, message: '' });
    expect(cancelled).toBe(1);
  });

  it('hears when a slow client has room again', async () => {
    const { calls, connection } = served();
    const response = new HeardResponse();
    const stream = connection.request(
      callHead('web', 'io.linkerd.proxy.destination.Destination', 'Get'),
      false,
      response,
    );
    stream.writeData(frameMessage(new Uint8Array()));
    stream.end(null);
    await settle();
    stream.pauseResponse();
    const { call } = calls[0]!;
    let drains = 0;
    call.onDrain = () => drains++;
    let sent = 0;
    while (call.send(new Uint8Array(10_000)) && sent < 1000) sent++;
    expect(sent).toBeLessThan(1000);
    await settle();
    expect(drains).toBe(0);
    stream.resumeResponse();
    await settle();
    expect(drains).toBeGreaterThan(0);
  });
});

describe('a call', () => {
  it('of a method that is not there is UNIMPLEMENTED', async () => {
    const { client } = served();
    const certify = client.unary(Identity.method.certify, {}, new AbortController().signal);
    await expect(certify).rejects.toMatchObject({ code: StatusCode.Unimplemented });
  });

  it.each([
    ['is no message of its type', frameMessage(Buffer.from([0xff, 0xff])), StatusCode.Internal],
    ['is missing', Buffer.alloc(0), StatusCode.Internal],
    ['is larger than any request', Buffer.from([0, 0xff, 0, 0, 0]), StatusCode.ResourceExhausted],
    ['is compressed', Buffer.from([1, 0, 0, 0, 0]), StatusCode.ResourceExhausted],
  ])('whose request %s is refused', async (_what, body, code) => {
    const { calls, connection } = served();
    const response = await raw(connection, body);
    expect([response.head?.status, statusOf(response)]).toEqual([200, String(code)]);
    expect(calls).toEqual([]);
  });

  it.each([
    ['GET', { method: 'GET' }],
    ['another content type', { headers: ['content-type', 'application/json'] }],
  ])('with %s is no call', async (_what, head) => {
    const { connection } = served();
    const response = await raw(connection, Buffer.alloc(0), requestHead({ path, method: 'POST', ...head }));
    expect(response.head?.status).toBe(415);
  });
});
