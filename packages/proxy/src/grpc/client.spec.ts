import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Destination, GetDestinationSchema, UpdateSchema } from '@weft/proto/destination';
import { CertifyRequestSchema, CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { Http2ClientConnection } from '../http2/client-connection.ts';
import { ErrorCode } from '../http2/error-code.ts';
import { settle } from '../http2/raw-peer.builder.ts';
import { connectionOver } from '../transport/socket-pair.builder.ts';
import { GrpcClient } from './client.ts';
import { frameMessage } from './framing.ts';
import { GrpcServer, OneConnection, transportTo } from './grpc-server.builder.ts';
import { GrpcError, type GrpcStatus, StatusCode } from './status.ts';

const never = new AbortController().signal;

function clientOf(server: GrpcServer): GrpcClient {
  return new GrpcClient(transportTo(server), 'linkerd-dst.linkerd:8086');
}

/** Watches `Destination/Get` and keeps what comes. */
function watching(client: GrpcClient, signal = never) {
  const heard = { messages: [] as string[], ends: [] as GrpcStatus[] };
  const handler = {
    onMessage: (update: { update: { case?: string | undefined } }) => {
      heard.messages.push(String(update.update.case));
    },
    onEnd: (status: GrpcStatus) => {
      heard.ends.push(status);
    },
  };
  client.watch(Destination.method.get, { path: 'web:80', contextToken: 'ctx' }, handler, signal);
  return heard;
}

describe('a unary call', () => {
  const certify = (client: GrpcClient, signal = never) =>
    client.unary(Identity.method.certify, { identity: 'web', token: Buffer.from('t') }, signal);

  it('asks as gRPC does and reads the answer', async () => {
    const server = new GrpcServer();
    server.answer = (call) => {
      call.send(CertifyResponseSchema, { leafCertificate: Buffer.from('leaf') });
      call.end();
    };
    const answer = await certify(clientOf(server));
    expect(Buffer.from(answer.leafCertificate).toString()).toBe('leaf');
    const [call] = server.calls;
    expect(call!.head).toMatchObject({
      method: 'POST',
      scheme: 'http',
      authority: 'linkerd-dst.linkerd:8086',
      path: '/io.linkerd.proxy.identity.Identity/Certify',
    });
    expect(call!.head.headers).toEqual(
      expect.arrayContaining(['te', 'trailers', 'content-type', 'application/grpc']),
    );
    expect(call!.message(CertifyRequestSchema).identity).toBe('web');
  });

  it.each<[string, (server: GrpcServer) => void, Partial<GrpcError>]>([
    [
      'trailers',
      (server) => {
        server.answer = (call) => call.end(9, 'caf%C3%A9 50%');
      },
      { code: 9, message: 'café 50%' },
    ],
    [
      'nothing but a status',
      (server) => {
        server.answer = (call) => call.refuse(7, 'no');
      },
      { code: StatusCode.PermissionDenied, message: 'no' },
    ],
    [
      'OK without a message',
      (server) => {
        server.answer = (call) => call.end();
      },
      { code: StatusCode.Internal },
    ],
    [
      'no status at all',
      (server) => {
        server.answer = (call) => {
          call.send(CertifyResponseSchema, {});
          call.request.stream.end(null);
        };
      },
      { code: StatusCode.Unknown },
    ],
    [
      'a page of a gateway',
      (server) => {
        server.answer = (call) => call.request.answer('<html>', { status: 503 });
      },
      { code: StatusCode.Unavailable },
    ],
    [
      'a refused stream',
      (server) => {
        server.answer = (call) => call.request.stream.reset({ kind: 'reset', code: ErrorCode.RefusedStream });
      },
      { code: StatusCode.Unavailable },
    ],
    [
      'a cancelled stream',
      (server) => {
        server.answer = (call) => call.request.stream.reset({ kind: 'reset', code: ErrorCode.Cancel });
      },
      { code: StatusCode.Cancelled },
    ],
    [
      'a broken connection',
      (server) => {
        server.answer = () => server.connections[0]!.destroy();
      },
      { code: StatusCode.Unavailable },
    ],
    [
      'bytes that are no such message',
      (server) => {
        server.answer = (call) => call.sendBytes(frameMessage(Buffer.from([0xff, 0xff])));
      },
      { code: StatusCode.Internal },
    ],
    [
      'a message above the limit',
      (server) => {
        server.answer = (call) => call.sendBytes(Buffer.from([0, 0xff, 0, 0, 0]));
      },
      { code: StatusCode.ResourceExhausted },
    ],
  ])('answered with %s fails with a status', async (_what, script, error) => {
    const server = new GrpcServer();
    script(server);
    const failure = await certify(clientOf(server)).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(GrpcError);
    expect(failure).toMatchObject(error);
  });

  it('is taken back when its signal is aborted', async () => {
    const server = new GrpcServer();
    const abort = new AbortController();
    const answer = certify(clientOf(server), abort.signal);
    await settle();
    abort.abort(new Error('shutdown'));
    await expect(answer).rejects.toThrow('shutdown');
    await settle();
    expect(server.calls[0]!.request.reset).toEqual({ kind: 'reset', code: ErrorCode.Cancel });
  });

  it('is not even sent when its signal is aborted before', async () => {
    const server = new GrpcServer();
    await expect(certify(clientOf(server), AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    await settle();
    expect(server.calls).toEqual([]);
  });
});

describe('a stream', () => {
  it('brings messages as they come, then its status', async () => {
    const server = new GrpcServer();
    const heard = watching(clientOf(server));
    await settle();
    const [call] = server.calls;
    expect(call!.message(GetDestinationSchema)).toMatchObject({ path: 'web:80', contextToken: 'ctx' });
    call!.send(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: true } } });
    await settle();
    expect(heard).toEqual({ messages: ['noEndpoints'], ends: [] });
    call!.send(UpdateSchema, { update: { case: 'add', value: {} } });
    call!.end(14, 'restarting');
    await settle();
    expect(heard).toEqual({
      messages: ['noEndpoints', 'add'],
      ends: [{ code: StatusCode.Unavailable, message: 'restarting' }],
    });
  });

  it('is silent once its signal is aborted', async () => {
    const server = new GrpcServer();
    const abort = new AbortController();
    const heard = watching(clientOf(server), abort.signal);
    await settle();
    abort.abort();
    server.calls[0]!.send(UpdateSchema, { update: { case: 'add', value: {} } });
    await settle();
    expect(heard).toEqual({ messages: [], ends: [] });
    expect(server.calls[0]!.request.reset).toEqual({ kind: 'reset', code: ErrorCode.Cancel });
  });
});

describe('against a server of node:http2', () => {
  const server = http2.createServer();
  afterEach(() => {
    server.close();
  });

  it('speaks gRPC as the wire has it', async () => {
    server.on('stream', async (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      const body: Buffer[] = [];
      for await (const chunk of stream) body.push(chunk);
      const length = Buffer.concat(body).readUInt32BE(1);
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'grpc-status': '5', 'grpc-message': `${headers[':path']} ${length}` });
      });
      stream.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const socket = net.connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    const connection = new Http2ClientConnection(connectionOver(socket));
    const client = new GrpcClient(new OneConnection(connection), 'web');
    const answer = client.unary(Identity.method.certify, { identity: 'web' }, never);
    await expect(answer).rejects.toMatchObject({
      code: StatusCode.NotFound,
      message: '/io.linkerd.proxy.identity.Identity/Certify 5',
    });
    connection.drain();
  });
});
