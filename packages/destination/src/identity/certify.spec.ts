import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CertifyRequest, CertifyResponseSchema, Identity } from '@weft/proto/identity';
import { createRegistry, GrpcClient, GrpcServer, silentLogger } from '@weft/service';
import { certifyOver } from './certify.ts';

const NAME = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local';
const csr = new Uint8Array([1, 2, 3]);
const signal = new AbortController().signal;

let directory: string;
let tokenFile: string;
let server: GrpcServer;
let target: string;
let answer: MessageInitShape<typeof CertifyResponseSchema>;
const requests: CertifyRequest[] = [];
const connect = () => new GrpcClient({ target });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'certify-'));
  tokenFile = join(directory, 'token');
  requests.length = 0;
  server = new GrpcServer({ logger: silentLogger, registry: createRegistry() });
  server.serve(Identity, {
    certify: async (request) => {
      requests.push(request);
      return create(CertifyResponseSchema, answer);
    },
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  target = `127.0.0.1:${port}`;
});

afterEach(async () => {
  await server.drain(AbortSignal.timeout(1000));
  await rm(directory, { recursive: true });
});

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

describe('asking for the own certificate', () => {
  it('shows the token of the moment and returns what was issued', async () => {
    const validUntil = new Date('2030-01-01T00:00:00Z');
    answer = {
      leafCertificate: new Uint8Array([7]),
      intermediateCertificates: [new Uint8Array([8])],
      validUntil: timestampFromDate(validUntil),
    };
    const certify = certifyOver(connect, NAME, tokenFile);
    await writeFile(tokenFile, 'first\n');
    const issued = await certify(csr, signal);
    expect(issued.validUntil).toEqual(validUntil);
    expect([[...issued.leaf], issued.intermediates.map((der) => [...der])]).toEqual([[7], [[8]]]);
    await writeFile(tokenFile, 'second');
    await certify(csr, signal);
    expect(requests.map(({ token }) => Buffer.from(token).toString())).toEqual(['first', 'second']);
    expect(requests[0]).toMatchObject({ identity: NAME, certificateSigningRequest: csr });
  });

  it('asks at once where it was refused a moment ago', async () => {
    await writeFile(tokenFile, 'token');
    answer = { leafCertificate: new Uint8Array([7]), validUntil: timestampFromDate(new Date()) };
    const port = await freePort();
    target = `127.0.0.1:${port}`;
    const certify = certifyOver(connect, NAME, tokenFile);
    await expect(certify(csr, signal)).rejects.toMatchObject({ code: 'unavailable' });
    await server.listen({ host: '127.0.0.1', port });
    expect([...(await certify(csr, signal)).leaf]).toEqual([7]);
  });

  it('takes no certificate without an end', async () => {
    answer = { leafCertificate: new Uint8Array([7]) };
    await writeFile(tokenFile, 'token');
    await expect(certifyOver(connect, NAME, tokenFile)(csr, signal)).rejects.toMatchObject({
      code: 'failed_precondition',
    });
  });

  it('fails without a token', async () => {
    await expect(certifyOver(connect, NAME, tokenFile)(csr, signal)).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(requests).toEqual([]);
  });
});
