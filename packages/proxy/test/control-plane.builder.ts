import { createPublicKey, type KeyObject } from 'node:crypto';
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { decodeTcpAddress } from '@weft/policy';
import { DestinationProfileSchema, GetDestinationSchema, UpdateSchema } from '@weft/proto/destination';
import { CertifyRequestSchema, CertifyResponseSchema } from '@weft/proto/identity';
import { PortSpecSchema, ServerSchema } from '@weft/proto/inbound';
import { OutboundPolicySchema, TrafficSpecSchema } from '@weft/proto/outbound';
import { server } from '../src/policy/server.builder.ts';
import { Authority, dnsName } from '../src/tls/certificates.builder.ts';

export const CONTROL_PLANE = 'control-plane.linkerd.serviceaccount.identity.linkerd.cluster.local';

/** Status codes of gRPC. */
const NOT_FOUND = 5;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

/**
 * One value that streams tell, now and whenever it changes; while it is unknown they end with NOT_FOUND, or as
 * the test says.
 */
export class Watched<Desc extends DescMessage> {
  readonly #schema: Desc;
  #current: MessageShape<Desc> | null;
  readonly #streams = new Set<ServerHttp2Stream>();
  #refusal = { code: NOT_FOUND, message: 'unknown' };

  constructor(schema: Desc, initial: MessageInitShape<Desc> | null = null) {
    this.#schema = schema;
    this.#current = initial === null ? null : create(schema, initial);
  }

  /** Streams that are open now. */
  get watchers(): number {
    return this.#streams.size;
  }

  set(value: MessageInitShape<Desc>): void {
    this.#current = create(this.#schema, value);
    for (const stream of this.#streams) send(stream, this.#schema, this.#current);
  }

  /** How streams end that are opened while the value is unknown. */
  refuse(code: number, message: string): void {
    this.#refusal = { code, message };
  }

  answer(stream: ServerHttp2Stream): void {
    if (this.#current === null) {
      refuse(stream, this.#refusal.code, this.#refusal.message);
      return;
    }
    this.#streams.add(stream);
    stream.on('close', () => this.#streams.delete(stream));
    respond(stream);
    send(stream, this.#schema, this.#current);
  }
}

/** What was asked of Certify. */
export interface CertifyCall {
  readonly identity: string;
  readonly token: string;
}

export interface ControlPlaneOptions {
  /** Where it listens. Loopback is spoken to in plain text, any other address with mesh TLS. */
  readonly ip?: string;
  /** Who certifies; somebody new unless told. */
  readonly root?: Authority;
}

/** Identity, destination and policy behind one port, saying what the test tells them to say. */
export class ControlPlane {
  readonly root: Authority;
  readonly issuer: Authority;
  readonly certifyCalls: CertifyCall[] = [];
  /** Of the leaves to come, milliseconds. */
  leafLifetimeMs = 24 * 3_600_000;
  /** Certify is answered with UNAVAILABLE while false. */
  certifies = true;

  readonly #ip: string;
  readonly #policies = new Map<number, Watched<typeof ServerSchema>>();
  readonly #endpoints = new Map<string, Watched<typeof UpdateSchema>>();
  readonly #profiles = new Map<string, Watched<typeof DestinationProfileSchema>>();
  readonly #outbound = new Map<string, Watched<typeof OutboundPolicySchema>>();
  readonly #sockets = new Set<Socket>();
  #listener: Server | null = null;
  #port = 0;

  private constructor(ip: string, root: Authority) {
    this.#ip = ip;
    this.root = root;
    this.issuer = root.issuer();
  }

  static async start({
    ip = '127.0.0.1',
    root = Authority.root(),
  }: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const controlPlane = new ControlPlane(ip, root);
    await controlPlane.resume();
    return controlPlane;
  }

  get address(): string {
    return `${this.#ip}:${this.#port}`;
  }

  /** The policy of a port of the pod; everyone is admitted until it is set. */
  policy(port: number): Watched<typeof ServerSchema> {
    return getOrMake(this.#policies, port, () => new Watched(ServerSchema, server()));
  }

  /** The updates about `name:port`. */
  endpoints(path: string): Watched<typeof UpdateSchema> {
    return getOrMake(this.#endpoints, path, () => new Watched(UpdateSchema));
  }

  /** The profile of `ip:port` or `name:port`; no service until it is set. */
  profile(path: string): Watched<typeof DestinationProfileSchema> {
    return getOrMake(this.#profiles, path, () => new Watched(DestinationProfileSchema, {}));
  }

  /** The policy of `ip:port` or `name:port`; NOT_FOUND until it is set. */
  outbound(target: string): Watched<typeof OutboundPolicySchema> {
    return getOrMake(this.#outbound, target, () => new Watched(OutboundPolicySchema));
  }

  /** Certificates by which this control plane and its mesh are known. */
  certify(identity: string) {
    return this.issuer.certify(identity);
  }

  /** Breaks every connection and takes no new ones. */
  async stop(): Promise<void> {
    const listener = this.#listener;
    if (listener === null) return;
    this.#listener = null;
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Listens again, at the same address. */
  async resume(): Promise<void> {
    const listener = this.#createListener();
    this.#listener = listener;
    await new Promise<void>((resolve) => listener.listen(this.#port, this.#ip, resolve));
    this.#port = (listener.address() as AddressInfo).port;
  }

  #createListener(): Server {
    const take = (socket: Socket) => this.#serve(socket);
    if (this.#ip.startsWith('127.')) return createServer(take);
    const { key, leaf, intermediates } = this.certify(CONTROL_PLANE);
    const chain = [leaf, ...intermediates].map((certificate) => certificate.toString()).join('');
    const options = {
      minVersion: 'TLSv1.3',
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: chain,
      ca: this.root.certificate.toString(),
      requestCert: true,
      rejectUnauthorized: false,
    } as const;
    return createTlsServer(options, take).on('tlsClientError', () => {});
  }

  /** Prior knowledge, over TLS, too: the mesh negotiates no protocol. */
  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const session = performServerHandshake(socket);
    session.on('error', () => {});
    session.on('stream', (stream, headers) => {
      void this.#onStream(stream as ServerHttp2Stream, headers);
    });
  }

  async #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    stream.on('error', () => {});
    const request = await readMessage(stream);
    switch (headers[':path']) {
      case '/io.linkerd.proxy.identity.Identity/Certify':
        return this.#certify(stream, fromBinary(CertifyRequestSchema, request));
      case '/io.linkerd.proxy.inbound.InboundServerPolicies/WatchPort':
        return this.policy(fromBinary(PortSpecSchema, request).port).answer(stream);
      case '/io.linkerd.proxy.outbound.OutboundPolicies/Watch':
        return this.outbound(targetOf(request)).answer(stream);
      case '/io.linkerd.proxy.destination.Destination/Get':
        return this.endpoints(fromBinary(GetDestinationSchema, request).path).answer(stream);
      case '/io.linkerd.proxy.destination.Destination/GetProfile':
        return this.profile(fromBinary(GetDestinationSchema, request).path).answer(stream);
      default:
        return refuse(stream, UNIMPLEMENTED, 'unimplemented');
    }
  }

  #certify(stream: ServerHttp2Stream, request: MessageShape<typeof CertifyRequestSchema>): void {
    this.certifyCalls.push({ identity: request.identity, token: Buffer.from(request.token).toString() });
    if (!this.certifies) {
      refuse(stream, UNAVAILABLE, 'no issuer');
      return;
    }
    const notAfter = new Date(Date.now() + this.leafLifetimeMs);
    const leaf = this.issuer.sign({
      commonName: request.identity,
      names: [dnsName(request.identity)],
      publicKey: publicKeyOf(Buffer.from(request.certificateSigningRequest)),
      notAfter,
    });
    respond(stream);
    send(stream, CertifyResponseSchema, {
      leafCertificate: leaf.raw,
      intermediateCertificates: [this.issuer.certificate.raw],
      validUntil: timestampFromDate(notAfter),
    });
    stream.end();
  }
}

function targetOf(request: Buffer): string {
  const { target } = fromBinary(TrafficSpecSchema, request);
  if (target.case === 'authority') return target.value;
  const address = target.case === 'addr' ? decodeTcpAddress(target.value) : null;
  if (address === null) throw new Error('a question without a target');
  return `${address.ip}:${address.port}`;
}

/** An uncompressed P-256 point as a SubjectPublicKeyInfo begins (RFC 5480), and how long it is in all. */
const p256 = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
const p256Bytes = 91;

function publicKeyOf(csr: Buffer): KeyObject {
  const at = csr.indexOf(p256);
  if (at < 0) throw new Error('the request holds no P-256 key');
  return createPublicKey({ key: csr.subarray(at, at + p256Bytes), format: 'der', type: 'spki' });
}

async function readMessage(stream: ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).subarray(5);
}

function respond(stream: ServerHttp2Stream): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
}

function send<Desc extends DescMessage>(
  stream: ServerHttp2Stream,
  schema: Desc,
  message: MessageInitShape<Desc>,
): void {
  const bytes = toBinary(schema, create(schema, message));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  if (!stream.destroyed) stream.write(Buffer.concat([head, bytes]));
}

function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  if (stream.destroyed) return;
  const status = { 'grpc-status': String(code), 'grpc-message': message };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
