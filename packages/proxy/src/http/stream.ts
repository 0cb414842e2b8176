import type { Connection } from '../transport/connection.ts';
import type { HeaderList, RequestHead, ResponseHead } from './message.ts';

/**
 * The four faces of one exchange. A codec owns one connection and speaks one protocol version; whoever
 * stands between two codecs (or answers by itself) sees only these.
 *
 *     peer ── server codec ──RequestHandler──▶  middle  ──RequestStream──▶ client codec ── endpoint
 *     peer ◀── server codec ◀─ResponseStream──  middle  ◀─ResponseHandler── client codec ── endpoint
 *
 * Buffers are passed by reference and never copied; with them goes the right to give their memory back
 * (`ReadMemory`), which a codec does once it has written them. So nobody passes a buffer on and keeps it:
 * who has to, keeps a copy. `write…` returning false asks
 * the writer to pause its source until the matching drain call; a codec accepts what it is given all the
 * same. After an `end` or `reset` in one direction nothing follows in that direction.
 */

/** Why a message ended before its end. */
export type StreamReset =
  /** RST_STREAM, received or to be sent, with its HTTP/2 error code. */
  | { readonly kind: 'reset'; readonly code: number }
  /** The connection broke or was closed under the message. `error` names it. */
  | { readonly kind: 'io'; readonly error: Error }
  /** The peer broke the protocol inside this message; `reason` is for logs. */
  | { readonly kind: 'protocol'; readonly reason: string };

/** The raw connection behind an exchange that has left HTTP, and what was read beyond the head. */
export interface Tunnel {
  readonly connection: Connection;
  readonly initial: Buffer;
}

/** The rest of a request, as a server codec reports it. */
export interface RequestHandler {
  onRequestData(chunk: Buffer): void;
  onRequestEnd(trailers: HeaderList | null): void;
  /** The peer gave the exchange up, or its connection broke: stop answering. */
  onRequestReset(reset: StreamReset): void;
  /** After `writeData` returned false: there is room again. */
  onResponseDrain(): void;
}

/** Where the answer to one request goes: the server codec's half. */
export interface ResponseStream {
  /** A 1xx answer other than 101. */
  writeInformational(head: ResponseHead): void;
  /** `ended`: no body and no trailers follow. */
  writeHead(head: ResponseHead, ended: boolean): void;
  writeData(chunk: Buffer): boolean;
  end(trailers: HeaderList | null): void;
  /** HTTP/2: RST_STREAM. HTTP/1: the connection is destroyed, so that the peer sees a cut message. */
  reset(reset: StreamReset): void;
  /** HTTP/1: stop reading the socket. HTTP/2: stop opening this stream's window. */
  pauseRequest(): void;
  resumeRequest(): void;
  /** HTTP/1.1 only: writes the head (101, or 2xx to CONNECT) and lets go of the connection. */
  acceptUpgrade(head: ResponseHead): Tunnel;
  /** Closes the connection gracefully once this exchange is over (HTTP/1 close, HTTP/2 GOAWAY). */
  closeAfter(): void;
}

/** What a server codec calls for every request; `ended` means neither body nor trailers follow. */
export type RequestListener = (head: RequestHead, ended: boolean, stream: ResponseStream) => RequestHandler;

/** The answer, as a client codec reports it. */
export interface ResponseHandler {
  /** A 1xx answer other than 101. */
  onInformational(head: ResponseHead): void;
  onResponseHead(head: ResponseHead, ended: boolean): void;
  onResponseData(chunk: Buffer): void;
  onResponseEnd(trailers: HeaderList | null): void;
  onResponseReset(reset: StreamReset): void;
  /** After `writeData` returned false: there is room again. */
  onRequestDrain(): void;
  /** The endpoint left HTTP (101, or 2xx to CONNECT); replaces `onResponseHead`. */
  onUpgrade(head: ResponseHead, tunnel: Tunnel): void;
}

/** Where one request goes: the client codec's half. */
export interface RequestStream {
  writeData(chunk: Buffer): boolean;
  end(trailers: HeaderList | null): void;
  /** HTTP/2: RST_STREAM. HTTP/1: the connection is destroyed. No further calls reach the handler. */
  reset(reset: StreamReset): void;
  pauseResponse(): void;
  resumeResponse(): void;
}

/** One endpoint, spoken to in one protocol version, over as many connections as that takes. */
export interface HttpClient {
  /** Whether a request started now would be sent without waiting for a connection that may never come. */
  readonly ready: boolean;
  /** Called on every change of `ready`. */
  onReadyChange: ((ready: boolean) => void) | null;
  /** Starts what it takes to become ready (HTTP/2 connects); does nothing when that is under way. */
  warm(): void;
  /** The handler hears `onResponseReset` when no connection can be had. */
  request(head: RequestHead, ended: boolean, handler: ResponseHandler): RequestStream;
  /** Lets exchanges finish, then closes its connections. */
  close(): void;
}
