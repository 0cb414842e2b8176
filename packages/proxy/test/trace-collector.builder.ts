import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { subjectNames } from '../src/tls/subject-names.ts';
import { type ReceivedExport, type ReceivedSpan, readExport } from '../src/trace/otlp.builder.ts';
import type { ControlPlane } from './control-plane.builder.ts';

export const COLLECTOR = 'collector.linkerd-jaeger.serviceaccount.identity.linkerd.cluster.local';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** A collector of traces that is part of the mesh. */
export class TraceCollector {
  readonly exports: ReceivedExport[] = [];
  /** Who has sent spans. */
  readonly clients = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(controlPlane: ControlPlane) {
    const { key, leaf, intermediates } = controlPlane.certify(COLLECTOR);
    const options = {
      minVersion: 'TLSv1.3',
      key: key.export({ type: 'pkcs8', format: 'pem' }),
      cert: [leaf, ...intermediates].map(String).join(''),
      ca: controlPlane.root.certificate.toString(),
      requestCert: true,
    } as const;
    this.#server = createServer(options, (socket) => this.#serve(socket));
    this.#server.on('tlsClientError', () => {});
  }

  static async listen(controlPlane: ControlPlane, ip: string): Promise<TraceCollector> {
    const collector = new TraceCollector(controlPlane);
    await new Promise<void>((resolve) => collector.#server.listen(0, ip, resolve));
    return collector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** All that have come, of one trace. */
  spans(traceId: string): ReceivedSpan[] {
    return this.exports.flatMap(({ spans }) => spans).filter((span) => span.traceId === traceId);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    const certificate = socket.getPeerX509Certificate();
    for (const { name } of certificate ? subjectNames(certificate.raw) : []) this.clients.add(name);
    const session: ServerHttp2Session = performServerHandshake(socket);
    session.on('error', () => {});
    session.on('stream', (stream, headers) => {
      const chunks: Buffer[] = [];
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (headers[':path'] === EXPORT) this.exports.push(readExport(Buffer.concat(chunks).subarray(5)));
        takeAll(stream as ServerHttp2Stream);
      });
    });
  }
}

function takeAll(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}
