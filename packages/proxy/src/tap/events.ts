import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { encodeTcpAddress } from '@weft/policy';
import {
  type EosSchema,
  type TapEvent_HttpSchema,
  TapEvent_ProxyDirection,
  TapEventSchema,
} from '@weft/proto/tap';
import { grpcStatusOf } from '../http/classify.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { StreamReset } from '../http/stream.ts';
import type { LabelPairs } from '../metrics/labels.ts';
import { encodeHeaders, encodeMethod, encodeScheme } from './http-types.ts';
import { authorityOf, pathOf, type TapSubject } from './subject.ts';

/** Which request of which tap an event belongs to. */
export interface TapStreamId {
  readonly base: number;
  readonly stream: bigint;
}

type HttpEvent = NonNullable<MessageInitShape<typeof TapEvent_HttpSchema>['event']>;

/** How a response ended. */
export type ResponseOutcome =
  | { readonly kind: 'ended'; readonly response: ResponseHead; readonly trailers: HeaderList | null }
  | { readonly kind: 'reset'; readonly reset: StreamReset };

/** The events of one request of one tap, encoded. Durations are milliseconds. */
export class EventEncoder {
  readonly #id: TapStreamId;
  readonly #subject: TapSubject;
  readonly #withHeaders: boolean;
  /** What all events of a request say, encoded once: fields of a message may come in any number of pieces. */
  readonly #common: Uint8Array;

  constructor(id: TapStreamId, subject: TapSubject, withHeaders: boolean) {
    this.#id = id;
    this.#subject = subject;
    this.#withHeaders = withHeaders;
    this.#common = toBinary(TapEventSchema, create(TapEventSchema, commonPart(subject)));
  }

  requestInit(): Uint8Array {
    const { request, version } = this.#subject;
    return this.#encode({
      case: 'requestInit',
      value: {
        id: this.#id,
        method: encodeMethod(request.method),
        scheme: encodeScheme(request.scheme),
        authority: authorityOf(request),
        path: pathOf(request),
        ...this.#headers(() => [...(version === '2' ? pseudoFields(request) : []), ...request.headers]),
      },
    });
  }

  responseInit(head: ResponseHead, sinceRequestInitMs: number): Uint8Array {
    const status = this.#subject.version === '2' ? [':status', String(head.status)] : [];
    return this.#encode({
      case: 'responseInit',
      value: {
        id: this.#id,
        sinceRequestInit: duration(sinceRequestInitMs),
        httpStatus: head.status,
        ...this.#headers(() => [...status, ...head.headers]),
      },
    });
  }

  /** `sinceResponseInitMs` is null when there was no response. */
  responseEnd(
    outcome: ResponseOutcome,
    bytes: number,
    sinceRequestInitMs: number,
    sinceResponseInitMs: number | null,
  ): Uint8Array {
    const trailers = outcome.kind === 'ended' ? outcome.trailers : null;
    return this.#encode({
      case: 'responseEnd',
      value: {
        id: this.#id,
        sinceRequestInit: duration(sinceRequestInitMs),
        ...(sinceResponseInitMs === null ? {} : { sinceResponseInit: duration(sinceResponseInitMs) }),
        responseBytes: BigInt(bytes),
        eos: endOfStream(outcome),
        ...(trailers !== null && this.#withHeaders ? { trailers: encodeHeaders(trailers) } : {}),
      },
    });
  }

  #headers(fields: () => HeaderList) {
    return this.#withHeaders ? { headers: encodeHeaders(withoutOrigProto(fields())) } : {};
  }

  #encode(event: HttpEvent): Uint8Array {
    const message = create(TapEventSchema, { event: { case: 'http', value: { event } } });
    return Buffer.concat([this.#common, toBinary(TapEventSchema, message)]);
  }
}

function commonPart(subject: TapSubject): MessageInitShape<typeof TapEventSchema> {
  const { source, destination, direction } = subject;
  const from = encodeTcpAddress(source.ip, source.port);
  const to = encodeTcpAddress(destination.ip, destination.port);
  const route = subject.routeLabels();
  return {
    ...(from === null ? {} : { source: from }),
    ...(to === null ? {} : { destination: to }),
    sourceMeta: { labels: tapLabels(subject.sourceLabels()) },
    destinationMeta: { labels: tapLabels([...subject.destinationLabels(), ...subject.destinationTls()]) },
    ...(route.length === 0 ? {} : { routeMeta: { labels: Object.fromEntries(route) } }),
    proxyDirection:
      direction === 'inbound' ? TapEvent_ProxyDirection.INBOUND : TapEvent_ProxyDirection.OUTBOUND,
  };
}

/** Tap says why there is no TLS in the place of `true`; it names what it passes through by its own word. */
function tapLabels(labels: LabelPairs): Record<string, string> {
  const { no_tls_reason: reason, ...rest } = Object.fromEntries(labels);
  if (reason !== undefined) return { ...rest, tls: reason };
  return rest.tls === 'opaque' ? { ...rest, tls: 'passthru' } : rest;
}

function endOfStream(outcome: ResponseOutcome): MessageInitShape<typeof EosSchema> {
  if (outcome.kind === 'reset') {
    const { reset } = outcome;
    return reset.kind === 'reset' ? { end: { case: 'resetErrorCode', value: reset.code } } : {};
  }
  const status = grpcStatusOf(outcome.response, outcome.trailers);
  return status === undefined ? {} : { end: { case: 'grpcStatusCode', value: Number(status) } };
}

const pseudoFields = (request: RequestHead): HeaderList => [
  ...[':method', request.method, ':scheme', request.scheme],
  ...[':authority', authorityOf(request), ':path', request.path],
];

/** It is between the two proxies how HTTP/1 travels inside HTTP/2. */
function withoutOrigProto(fields: HeaderList): HeaderList {
  const at = fields.indexOf('l5d-orig-proto');
  return at % 2 === 0 ? fields.toSpliced(at, 2) : fields;
}

function duration(ms: number) {
  const nanoseconds = Math.round(ms * 1e6);
  return { seconds: BigInt(Math.floor(nanoseconds / 1e9)), nanos: nanoseconds % 1e9 };
}
