import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HeaderList, RequestHead } from '../http/message.ts';
import type { RequestHandler, RequestListener, ResponseStream } from '../http/stream.ts';
import { type AdminDeps, handleAdmin } from './admin-handler.ts';
import { type AdminResponse, text } from './admin-message.ts';
import { LineStream } from './line-stream.ts';

/** A filter or a selection of variables is short; larger bodies are refused with 413. */
const MAX_BODY_BYTES = 64 * 1024;

const compress = promisify(gzip);

/** Serves the admin port to one connection, whose client has that address. */
export function adminListener(deps: AdminDeps, peerIp: string): RequestListener {
  return (head, ended, stream) => {
    const exchange = new AdminExchange(deps, peerIp, head, stream);
    if (ended) exchange.onRequestEnd();
    return exchange;
  };
}

class AdminExchange implements RequestHandler {
  readonly #deps: AdminDeps;
  readonly #peerIp: string;
  readonly #head: RequestHead;
  readonly #stream: ResponseStream;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #answered = false;
  #gone = false;
  #lines: LineStream | null = null;
  #stop: (() => void) | null = null;

  constructor(deps: AdminDeps, peerIp: string, head: RequestHead, stream: ResponseStream) {
    this.#deps = deps;
    this.#peerIp = peerIp;
    this.#head = head;
    this.#stream = stream;
  }

  onRequestData(chunk: Buffer): void {
    if (this.#answered) return;
    this.#bodyBytes += chunk.length;
    if (this.#bodyBytes <= MAX_BODY_BYTES) {
      this.#body.push(chunk);
      return;
    }
    this.#body = [];
    this.#stream.closeAfter();
    this.#answer(text(413, `the body is larger than ${MAX_BODY_BYTES} bytes\n`));
  }

  onRequestEnd(): void {
    if (this.#answered) return;
    const { method, path, headers } = this.#head;
    const body = Buffer.concat(this.#body).toString('utf8');
    this.#body = [];
    this.#answer(handleAdmin({ method, path, headers, peerIp: this.#peerIp, body }, this.#deps));
  }

  onRequestReset(): void {
    this.#gone = true;
    this.#body = [];
    this.#lines?.stop();
    this.#stop?.();
    this.#stop = null;
  }

  onResponseDrain(): void {
    this.#lines?.drained();
  }

  #answer(response: AdminResponse): void {
    this.#answered = true;
    switch (response.kind) {
      case 'text':
        this.#write(response.status, response.headers, Buffer.from(response.body));
        break;
      case 'gzip':
        compress(response.body).then(
          (body) => this.#write(response.status, response.headers, body),
          () => this.#write(500, [], Buffer.alloc(0)),
        );
        break;
      case 'later':
        response.response.then(
          (known) => {
            if (!this.#gone) this.#answer(known);
          },
          (error: unknown) => this.#answer(text(500, `${error}\n`)),
        );
        break;
      case 'lines': {
        const lines = new LineStream(this.#stream);
        this.#lines = lines;
        this.#stream.writeHead(responseHead(200, response.headers, -1), false);
        this.#stop = response.start((line) => lines.send(line));
        break;
      }
    }
  }

  #write(status: number, headers: HeaderList, body: Buffer): void {
    if (this.#gone) return;
    const noContent = status === 204;
    if (!noContent) headers.push('content-length', String(body.length));
    this.#stream.writeHead(responseHead(status, headers, body.length), body.length === 0);
    if (body.length === 0) return;
    this.#stream.writeData(body);
    this.#stream.end(null);
  }
}

function responseHead(status: number, headers: HeaderList, contentLength: number) {
  return { status, version: '1.1' as const, headers, contentLength };
}
