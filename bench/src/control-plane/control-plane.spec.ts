import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Destination, GetDestinationSchema, UpdateSchema } from '@weft/proto/destination';
import { CertifyRequestSchema, CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { InboundServerPolicies, PortSpecSchema, ServerSchema } from '@weft/proto/inbound';
import { OutboundPolicies, OutboundPolicySchema, TrafficSpecSchema } from '@weft/proto/outbound';
import { endpoints, inboundServer, outboundPolicy, portOf, profile } from './answers.ts';
import { grpcServer, handler } from './grpc.ts';
import { IDENTITIES } from './topology.ts';

const server = grpcServer(
  new Map([
    handler(Identity.method.certify, ({ identity }) => {
      if (identity === '') throw new Error('no identity');
      return { leafCertificate: Buffer.from(identity) };
    }),
    handler(Destination.method.get, ({ path }) => endpoints('10.88.4.2', portOf(path))),
    handler(Destination.method.getProfile, ({ path }) => profile(portOf(path))),
    handler(OutboundPolicies.method.watch, () => outboundPolicy(8080)),
    handler(InboundServerPolicies.method.watchPort, ({ port }) => inboundServer(port)),
  ]),
);
let origin = '';

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

interface Answer {
  message: Uint8Array | undefined;
  status: string | undefined;
}

/** One call: answers the first message, or the status where the call ends without one. */
function call(method: string, request: Uint8Array): Promise<Answer> {
  const session = connect(origin);
  const stream = session.request({ ':method': 'POST', ':path': method, 'content-type': 'application/grpc' });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(request.length, 1);
  stream.end(Buffer.concat([head, request]));
  return new Promise<Answer>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = (status?: string) => {
      const message = received.length > 5 ? received.subarray(5) : undefined;
      resolve({ message, status });
    };
    stream.on('error', reject);
    stream.on(
      'response',
      (headers) => headers['grpc-status'] !== undefined && finish(String(headers['grpc-status'])),
    );
    stream.on('trailers', (trailers) => finish(String(trailers['grpc-status'])));
    stream.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data]);
      if (received.length === 5 + received.readUInt32BE(1) && !method.endsWith('Certify')) finish();
    });
  }).finally(() => session.destroy());
}

describe('the scripted control plane', () => {
  it('certifies, and ends the call with its status', async () => {
    const request = toBinary(CertifyRequestSchema, create(CertifyRequestSchema, { identity: 'a.b' }));
    const { message, status } = await call('/io.linkerd.proxy.identity.Identity/Certify', request);
    expect(Buffer.from(fromBinary(CertifyResponseSchema, message!).leafCertificate).toString()).toBe('a.b');
    expect(status).toBe('0');
  });

  it('answers a failure and an unknown method by their status', async () => {
    const empty = toBinary(CertifyRequestSchema, create(CertifyRequestSchema));
    expect(await call('/io.linkerd.proxy.identity.Identity/Certify', empty)).toEqual({
      message: undefined,
      status: '5',
    });
    expect((await call('/nobody/Knows', empty)).status).toBe('12');
  });

  it('leads HTTP to one meshed endpoint over HTTP/2, and opaque ports to the proxy itself', async () => {
    const get = async (path: string) => {
      const request = toBinary(GetDestinationSchema, create(GetDestinationSchema, { path }));
      const { message } = await call('/io.linkerd.proxy.destination.Destination/Get', request);
      const { update } = fromBinary(UpdateSchema, message!);
      return update.case === 'add' ? update.value.addrs[0] : undefined;
    };
    const http = await get('app.bench.svc.cluster.local:8080');
    expect(http?.addr).toMatchObject({ port: 8080, ip: { ip: { case: 'ipv4', value: 0x0a580402 } } });
    expect(http?.tlsIdentity?.serverName?.name).toBe(IDENTITIES.server);
    expect(http?.protocolHint?.protocol.case).toBe('h2');
    const echo = await get('app.bench.svc.cluster.local:9000');
    expect(echo?.protocolHint?.protocol.case).toBe('opaque');
    expect(echo?.protocolHint?.opaqueTransport?.inboundPort).toBe(4143);
  });

  it('lets nobody but the client in', async () => {
    const request = toBinary(PortSpecSchema, create(PortSpecSchema, { port: 8080 }));
    const { message } = await call('/io.linkerd.proxy.inbound.InboundServerPolicies/WatchPort', request);
    const [authorization] = fromBinary(ServerSchema, message!).authorizations;
    const permit = authorization?.authentication?.permit;
    expect(permit?.case === 'meshTLS' && permit.value.clients.value).toMatchObject({
      identities: [{ name: IDENTITIES.client }],
    });
  });

  it('routes to a balancer', async () => {
    const request = toBinary(TrafficSpecSchema, create(TrafficSpecSchema));
    const { message } = await call('/io.linkerd.proxy.outbound.OutboundPolicies/Watch', request);
    const { protocol } = fromBinary(OutboundPolicySchema, message!);
    const routes = protocol?.kind.case === 'detect' ? protocol.kind.value.http1?.routes : [];
    const backends = routes?.[0]?.rules[0]?.backends?.kind;
    expect(backends?.case === 'firstAvailable' && backends.value.backends[0]?.backend?.kind.case).toBe(
      'balancer',
    );
  });
});
