import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { type X509SVIDResponse, X509SVIDResponseSchema } from '@weft/proto/workload';
import { frameMessage } from '../../grpc/framing.ts';
import { type Authority, type CertificateShape, uriName } from '../../tls/certificates.builder.ts';

export const SPIFFE_ID = 'spiffe://cluster.local/vm/orders';

/** An identity as an agent hands it out: the certificate, its chain, its key, and the anchors of its domain. */
export function svidOf(issuer: Authority, { id = SPIFFE_ID, bundle = [], ...shape }: SvidShape = {}): Svid {
  const { key, leaf, intermediates } = issuer.certify(id, { names: [uriName(id)], ...shape });
  return {
    spiffeId: id,
    x509Svid: Buffer.concat([leaf, ...intermediates].map(({ raw }) => raw)),
    x509SvidKey: key.export({ type: 'pkcs8', format: 'der' }),
    bundle: Buffer.concat(bundle.map(({ certificate }) => certificate.raw)),
  };
}

export interface Svid {
  readonly spiffeId: string;
  readonly x509Svid: Uint8Array;
  readonly x509SvidKey: Uint8Array;
  readonly bundle: Uint8Array;
}

export interface SvidShape extends CertificateShape {
  readonly id?: string;
  readonly bundle?: readonly Authority[];
}

export const responseOf = (...svids: Svid[]): X509SVIDResponse => create(X509SVIDResponseSchema, { svids });

/** A SPIRE agent at a Unix socket, saying what the test tells it to say. */
export class SpireAgent {
  readonly path: string;
  /** The heads of the calls that came. */
  readonly calls: IncomingHttpHeaders[] = [];
  readonly #directory: string;
  readonly #streams = new Set<ServerHttp2Stream>();
  readonly #sockets = new Set<Socket>();
  #answer: X509SVIDResponse | { readonly code: number } | 'nothing' = 'nothing';
  #server: Server | null = null;

  private constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'spire-agent-'));
    this.path = join(this.#directory, 'agent.sock');
  }

  static async listen(): Promise<SpireAgent> {
    const agent = new SpireAgent();
    await agent.resume();
    return agent;
  }

  /** Streams that are open. */
  get watchers(): number {
    return this.#streams.size;
  }

  /** Tells all streams, now and those to come. */
  send(...svids: Svid[]): void {
    this.#answer = responseOf(...svids);
    for (const stream of this.#streams) write(stream, this.#answer);
  }

  /** How streams end from now on, those that are open too. */
  refuse(code: number): void {
    this.#answer = { code };
    for (const stream of this.#streams) end(stream, code);
  }

  /** Breaks every connection and takes no new ones. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async resume(): Promise<void> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.path, resolve));
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    const session = performServerHandshake(socket);
    session.on('error', () => {});
    session.on('stream', (stream, headers) => this.#onStream(stream as ServerHttp2Stream, headers));
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.calls.push(headers);
    stream.on('error', () => {}).resume();
    this.#streams.add(stream);
    stream.on('close', () => this.#streams.delete(stream));
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    const answer = this.#answer;
    if (answer === 'nothing') return;
    if ('code' in answer) end(stream, answer.code);
    else write(stream, answer);
  }
}

function write(stream: ServerHttp2Stream, response: X509SVIDResponse): void {
  if (!stream.destroyed) stream.write(frameMessage(toBinary(X509SVIDResponseSchema, response)));
}

function end(stream: ServerHttp2Stream, code: number): void {
  if (stream.destroyed) return;
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }));
  stream.end();
}
