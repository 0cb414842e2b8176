import type * as grpc from '@weft/proto/grpc_route';
import type * as http from '@weft/proto/http_route';
import { type Headers, type Scheme, Scheme_Registered } from '@weft/proto/http_types';
import { invalid, quote } from '../invalid-policy.ts';
import { decodeHeaderName, decodeHeaderValue } from './decode-header.ts';
import type { ConnectionFilter, GrpcFilter, HeaderModifier, HttpFilter, Ratio, Redirect } from './filter.ts';

// How a message is framed is for the codecs to say; a filter that touched it would split or join messages.
const framingHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Kind<Case extends string, Value> = { readonly case: Case; readonly value: Value };
type None = { readonly case: undefined; readonly value?: undefined };

export interface HttpFilterMessage {
  readonly kind:
    | Kind<'failureInjector', http.HttpFailureInjector>
    | Kind<'requestHeaderModifier', http.RequestHeaderModifier>
    | Kind<'responseHeaderModifier', http.ResponseHeaderModifier>
    | Kind<'redirect', http.RequestRedirect>
    | None;
}

export interface GrpcFilterMessage {
  readonly kind:
    | Kind<'failureInjector', grpc.GrpcFailureInjector>
    | Kind<'requestHeaderModifier', http.RequestHeaderModifier>
    | None;
}

export interface ConnectionFilterMessage {
  readonly kind: Kind<'invalid', { message: string }> | Kind<'forbidden', object> | None;
}

export function decodeHttpFilter({ kind }: HttpFilterMessage, field: string): HttpFilter {
  switch (kind.case) {
    case 'requestHeaderModifier':
      return { kind: 'request-headers', modifier: decodeModifier(kind.value, field) };
    case 'responseHeaderModifier':
      return { kind: 'response-headers', modifier: decodeModifier(kind.value, field) };
    case 'redirect':
      return { kind: 'redirect', redirect: decodeRedirect(kind.value, `${field}.redirect`) };
    case 'failureInjector': {
      const { status, message, ratio } = kind.value;
      checkStatus(status, `${field}.failure_injector.status`);
      return { kind: 'fail-http', status, message, ratio: decodeRatio(ratio, field) };
    }
    default:
      return { kind: 'unknown' };
  }
}

export function decodeGrpcFilter({ kind }: GrpcFilterMessage, field: string): GrpcFilter {
  switch (kind.case) {
    case 'requestHeaderModifier':
      return { kind: 'request-headers', modifier: decodeModifier(kind.value, field) };
    case 'failureInjector': {
      const { code, message, ratio } = kind.value;
      // A code that is none of gRPC's is UNKNOWN.
      return { kind: 'fail-grpc', code: code > 16 ? 2 : code, message, ratio: decodeRatio(ratio, field) };
    }
    default:
      return { kind: 'unknown' };
  }
}

export function decodeConnectionFilter({ kind }: ConnectionFilterMessage): ConnectionFilter {
  switch (kind.case) {
    case 'invalid':
      return { kind: 'invalid', message: kind.value.message };
    case 'forbidden':
      return { kind: 'forbidden' };
    default:
      return { kind: 'unknown' };
  }
}

function decodeModifier(
  message: http.RequestHeaderModifier | http.ResponseHeaderModifier,
  field: string,
): HeaderModifier {
  const names = message.remove.map((name, i) => decodeHeaderName(name, `${field}.remove[${i}]`));
  return {
    add: decodeHeaders(message.add, `${field}.add`),
    set: decodeHeaders(message.set, `${field}.set`),
    remove: names.filter((name) => !framingHeaders.has(name)),
  };
}

function decodeHeaders(message: Headers | undefined, field: string): string[] {
  const pairs = (message?.headers ?? []).map((header, i) => [
    decodeHeaderName(header.name, `${field}[${i}].name`),
    decodeHeaderValue(header.value, `${field}[${i}].value`),
  ]);
  return pairs.filter(([name]) => !framingHeaders.has(name!)).flat();
}

/** Always, when there is none. */
function decodeRatio(message: http.Ratio | undefined, field: string): Ratio {
  if (message === undefined) return { numerator: 1, denominator: 1 };
  const { numerator, denominator } = message;
  if (denominator === 0 || numerator > denominator) {
    invalid(`${field}.failure_injector.ratio`, `is not between 0 and 1: ${numerator}/${denominator}`);
  }
  return { numerator, denominator };
}

function decodeRedirect(message: http.RequestRedirect, field: string): Redirect {
  const { host, port, status } = message;
  if (host !== '' && !/^[A-Za-z0-9._~-]+$|^\[[0-9A-Fa-f:.]+\]$/.test(host)) {
    invalid(`${field}.host`, `is not a host: ${quote(host)}`);
  }
  if (port > 65535) invalid(`${field}.port`, `is not a port: ${port}`);
  if (status !== 0) checkStatus(status, `${field}.status`);
  return {
    scheme: message.scheme === undefined ? null : decodeScheme(message.scheme, `${field}.scheme`),
    host: host === '' ? null : host,
    port,
    path: decodePathModifier(message.path, `${field}.path`),
    // 200 is what controllers send for a redirect whose resource names no status.
    status: status === 0 ? 301 : status === 200 ? 302 : status,
  };
}

function decodeScheme(message: Scheme, field: string): string {
  const { type } = message;
  const scheme = type.case === 'registered' ? Scheme_Registered[type.value] : type.value;
  if (scheme === undefined || !/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) invalid(field, 'is not a scheme');
  return scheme.toLowerCase();
}

function decodePathModifier(message: http.PathModifier | undefined, field: string): Redirect['path'] {
  const replace = message?.replace;
  if (replace?.case === undefined) return null;
  // Visible ASCII alone: the value becomes part of a header.
  if (!/^\/[\x21-\x7e]*$/.test(replace.value)) {
    invalid(field, `is not an absolute path: ${quote(replace.value)}`);
  }
  return { kind: replace.case, value: replace.value };
}

function checkStatus(status: number, field: string): void {
  if (status < 200 || status > 999) invalid(field, `is not the status of a final answer: ${status}`);
}
