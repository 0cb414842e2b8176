import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Destination, GetDestinationSchema, UpdateSchema } from '@weft/proto/destination';
import { CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { Registry } from 'prom-client';
import { recordingLogger } from '../log/recorder.builder.ts';
import { ServiceError } from '../service-error.ts';
import { GrpcClient } from './client.ts';
import type { CallContext } from './handlers.ts';
import { LatestState } from './latest-state.ts';
import { GrpcServer } from './server.ts';

jest.setTimeout(20_000);

const host = '127.0.0.1';
const update = (exists: boolean) =>
  toBinary(UpdateSchema, create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists } } }));

let server: GrpcServer;
let registry: Registry;
let client: GrpcClient;
let target: string;
let port: number;
let state: LatestState;
let lastCall: CallContext;
let log: ReturnType<typeof recordingLogger>;

beforeEach(async () => {
  registry = new Registry();
  log = recordingLogger();
  state = new LatestState(update(false));
  server = new GrpcServer({ logger: log.logger, registry, limits: { maxConnections: 40 } });
  server.serve(Identity, {
    certify: async (request, call) => {
      lastCall = call;
      switch (request.identity) {
        case 'refused':
          throw new ServiceError('failed_precondition', 'refused: asked for “x”', { data: { asked: 'x' } });
        case 'broken':
          throw new Error('password is hunter2');
        case 'encoded':
          return toBinary(
            CertifyResponseSchema,
            create(CertifyResponseSchema, { leafCertificate: Uint8Array.of(7) }),
          );
        case 'slow':
          await new Promise((resolve) => call.signal.addEventListener('abort', resolve, { once: true }));
          throw call.signal.reason;
        default:
          return create(CertifyResponseSchema, { leafCertificate: request.token });
      }
    },
  });
  server.serve(Destination, {
    get: async (request) => {
      if (request.path === 'missing') throw new ServiceError('not_found', 'no such service');
      return state.cursor();
    },
    getProfile: () => new LatestState().cursor(),
  });
  ({ port } = await server.listen({ host, port: 0 }));
  target = `${host}:${port}`;
  client = new GrpcClient({ target });
});
afterEach(async () => {
  client.close();
  await server.drain(AbortSignal.timeout(500));
});

const metric = async (name: string) => (await registry.getSingleMetricAsString(name)).split('\n');

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 2_000; round += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('did not happen within 10 s');
}

describe('a unary method', () => {
  it('answers with a message', async () => {
    const answer = await client.unary(Identity.method.certify, { token: Uint8Array.of(1, 2) });
    expect([...answer.leafCertificate]).toEqual([1, 2]);
  });

  it('answers with bytes that are already encoded', async () => {
    const answer = await client.unary(Identity.method.certify, { identity: 'encoded' });
    expect([...answer.leafCertificate]).toEqual([7]);
  });

  it('answers a typed error with its status and text', async () => {
    await expect(client.unary(Identity.method.certify, { identity: 'refused' })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: 'refused: asked for “x”',
    });
  });

  it('keeps the text of an unexpected error in the log', async () => {
    await expect(client.unary(Identity.method.certify, { identity: 'broken' })).rejects.toMatchObject({
      code: 'internal',
      message: 'internal error',
    });
    expect(log.events).toContainEqual(expect.objectContaining({ level: 'error', message: 'call failed' }));
  });

  it('tells its handler when the peer gives up', async () => {
    const controller = new AbortController();
    const call = client.unary(Identity.method.certify, { identity: 'slow' }, { signal: controller.signal });
    await eventually(() => lastCall !== undefined && !lastCall.signal.aborted);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await eventually(() => lastCall.signal.aborted);
    expect(lastCall.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(lastCall.clientIdentity).toBeUndefined();
  });

  it('counts calls by status under the names of Linkerd', async () => {
    await client.unary(Identity.method.certify, {});
    await client.unary(Identity.method.certify, { identity: 'refused' }).catch(() => {});
    const labels =
      'grpc_type="unary",grpc_service="io.linkerd.proxy.identity.Identity",grpc_method="Certify"';
    expect(await metric('grpc_server_started_total')).toContain(`grpc_server_started_total{${labels}} 2`);
    expect(server.callsBegun).toBe(2);
    expect(await metric('grpc_server_handled_total')).toEqual(
      expect.arrayContaining([
        `grpc_server_handled_total{${labels},grpc_code="OK"} 1`,
        `grpc_server_handled_total{${labels},grpc_code="FailedPrecondition"} 1`,
      ]),
    );
  });
});

describe('bad input', () => {
  it('refuses a request over the limit', async () => {
    await expect(
      client.unary(Identity.method.certify, { token: new Uint8Array(65 * 1024) }),
    ).rejects.toMatchObject({ code: 'resource_exhausted' });
  });

  it('refuses bytes that are no message', async () => {
    expect(await rawCall('/io.linkerd.proxy.identity.Identity/Certify', Buffer.from('0a05', 'hex'))).toBe(
      '13',
    );
  });

  it('refuses a method nobody serves', async () => {
    expect(await rawCall('/io.linkerd.proxy.identity.Identity/Nothing', Buffer.alloc(0))).toBe('12');
  });

  it('survives garbage, half a preface and silence while others are served', async () => {
    const sockets = ['GET / HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n', '\u0016\u0003\u0001', ''].map((bytes) =>
      connect(port, host)
        .on('error', () => {})
        .setNoDelay()
        .end(bytes),
    );
    await client.unary(Identity.method.certify, {});
    for (const socket of sockets) socket.destroy();
  });

  it('closes connections over the limit at once, and counts them', async () => {
    await client.unary(Identity.method.certify, {});
    const sockets = Array.from({ length: 60 }, () => connect(port, host).on('error', () => {}));
    await eventually(async () =>
      (await metric('grpc_server_connections_refused_total')).includes(
        'grpc_server_connections_refused_total{reason="limit"} 21',
      ),
    );
    await client.unary(Identity.method.certify, {});
    for (const socket of sockets) socket.destroy();
    await eventually(async () =>
      (await metric('grpc_server_connections')).includes('grpc_server_connections 1'),
    );
  });
});

describe('a streaming method', () => {
  it('sends the state and every change, the same bytes to every stream', async () => {
    const streams = [0, 1].map(() => client.stream(Destination.method.get, { path: 'web' }));
    for (const stream of streams) {
      expect((await stream.next()).value?.update.value).toMatchObject({ exists: false });
    }
    state.set(update(true));
    for (const stream of streams) {
      expect((await stream.next()).value?.update.value).toMatchObject({ exists: true });
      await stream.return();
    }
    await eventually(() => state.readers === 0);
  });

  it('answers a typed error instead of a stream', async () => {
    await expect(client.stream(Destination.method.get, { path: 'missing' }).next()).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('ends with OK when the server shuts down, and no call is left open', async () => {
    const stream = client.stream(Destination.method.get, { path: 'web' });
    await stream.next();
    const drained = server.drain(AbortSignal.timeout(5_000));
    expect((await stream.next()).done).toBe(true);
    await drained;
    expect(state.readers).toBe(0);
    expect(await metric('grpc_server_streams')).toContain('grpc_server_streams 0');
  });

  it('gives every change to the readers among 1 000 streams of which ten never read', async () => {
    const readers = 990;
    const big = (version: number) => {
      const authority = `${version}.`.padEnd(4096, 'x');
      return toBinary(
        UpdateSchema,
        create(UpdateSchema, {
          update: {
            case: 'add',
            value: { addrs: [{ authorityOverride: { authorityOverride: authority } }] },
          },
        }),
      );
    };
    const stuck = connectHttp2(`http://${target}`, { settings: { initialWindowSize: 0 } });
    stuck.on('error', () => {});
    const stuckStreams = Array.from({ length: 10 }, () => {
      const stream = stuck.request(grpcHeaders('/io.linkerd.proxy.destination.Destination/Get'));
      stream.on('error', () => {});
      stream.end(framed(toBinary(GetDestinationSchema, create(GetDestinationSchema, { path: 'web' }))));
      return stream;
    });
    const clients = Array.from({ length: 10 }, () => new GrpcClient({ target }));
    let atLast = 0;
    const reading = Array.from({ length: readers }, async (_, index) => {
      for await (const message of clients[index % clients.length]!.stream(Destination.method.get, {
        path: 'web',
      })) {
        if (message.update.case !== 'add') continue;
        if (message.update.value.addrs[0]?.authorityOverride?.authorityOverride.startsWith('200.')) {
          atLast += 1;
          return;
        }
      }
    });
    await eventually(() => state.readers === 1_000);
    for (let version = 1; version <= 200; version += 1) {
      state.set(big(version));
      if (version % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(reading);
    expect(atLast).toBe(readers);
    expect(stuckStreams.every((stream) => !stream.destroyed)).toBe(true);
    for (const one of clients) one.close();
    stuck.destroy();
    await eventually(() => state.readers === 0);
  });
});

function grpcHeaders(path: string) {
  return { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Sends bytes as the one message of a call and returns the `grpc-status` of the answer. */
async function rawCall(path: string, message: Buffer): Promise<string> {
  const session = connectHttp2(`http://${target}`);
  try {
    const stream = session.request(grpcHeaders(path));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const find = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) resolve(String(headers['grpc-status']));
    };
    stream.on('response', find).on('trailers', find).on('error', reject).resume();
    stream.end(framed(message));
    return await promise;
  } finally {
    session.destroy();
  }
}
