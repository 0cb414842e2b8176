import type { GrpcRouteMatch } from '@weft/proto/grpc_route';
import type * as proto from '@weft/proto/http_route';
import type { HttpMethod } from '@weft/proto/http_types';
import { HttpMethod_Registered } from '@weft/proto/http_types';
import type { SniMatch } from '@weft/proto/tls_route';
import { invalid, quote, required } from '../invalid-policy.ts';
import { compileRegex, type Regex } from '../regex/regex.ts';
import { decodeHeaderName, decodeHeaderValue } from './decode-header.ts';
import type { GrpcMatch } from './grpc-match.ts';
import type { HostMatch } from './host-match.ts';
import type { HeaderMatch, HttpMatch, PathMatch, QueryParamMatch } from './http-match.ts';

const anyPath: PathMatch = { kind: 'prefix', prefix: '' };

export function decodeHost(message: proto.HostMatch | SniMatch, field: string): HostMatch {
  const { match } = message;
  if (match.case === 'exact') return { kind: 'exact', host: match.value.toLowerCase() };
  if (match.case !== 'suffix') return invalid(field, 'has no match');
  const labels = match.value.reverseLabels.toReversed();
  return { kind: 'suffix', suffix: labels.map((label) => `.${label.toLowerCase()}`).join('') };
}

export function decodeHttpMatch(message: proto.HttpRouteMatch, field: string): HttpMatch {
  return {
    path: message.path === undefined ? anyPath : decodePath(message.path, `${field}.path`),
    headers: message.headers.map((header, i) => decodeHeader(header, `${field}.headers[${i}]`)),
    queryParams: message.queryParams.map((param, i) =>
      decodeQueryParam(param, `${field}.query_params[${i}]`),
    ),
    method: message.method === undefined ? null : decodeMethod(message.method, `${field}.method`),
  };
}

/** Without `rpc` any call matches: controllers leave it out where only headers are matched. */
export function decodeGrpcMatch(message: GrpcRouteMatch, field: string): GrpcMatch {
  return {
    service: message.rpc?.service || null,
    method: message.rpc?.method || null,
    headers: message.headers.map((header, i) => decodeHeader(header, `${field}.headers[${i}]`)),
  };
}

export function decodeMethod(message: HttpMethod, field: string): string {
  const { type } = message;
  if (type.case === 'registered') {
    return HttpMethod_Registered[type.value] ?? invalid(field, `is the unknown method ${type.value}`);
  }
  const method = required(type.value, field);
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) invalid(field, `is not a method: ${quote(method)}`);
  return method;
}

export function decodeRegex(pattern: string, field: string): Regex {
  const compiled = compileRegex(pattern);
  if ('problem' in compiled) return invalid(field, `${quote(pattern)} ${compiled.problem}`);
  return compiled.regex;
}

function decodePath(message: proto.PathMatch, field: string): PathMatch {
  const { kind } = message;
  switch (kind.case) {
    case 'exact':
      return { kind: 'exact', path: kind.value };
    case 'prefix':
      return { kind: 'prefix', prefix: kind.value.replace(/\/+$/, '') };
    case 'regex':
      return { kind: 'regex', regex: decodeRegex(kind.value, `${field}.regex`) };
    default:
      return invalid(field, 'has no kind');
  }
}

function decodeHeader(message: proto.HeaderMatch, field: string): HeaderMatch {
  const name = decodeHeaderName(message.name, `${field}.name`);
  const { value } = message;
  if (value.case === 'regex') {
    return { name, value: { kind: 'regex', regex: decodeRegex(value.value, `${field}.regex`) } };
  }
  if (value.case !== 'exact') return invalid(field, 'has no value');
  return { name, value: { kind: 'exact', text: decodeHeaderValue(value.value, `${field}.exact`) } };
}

function decodeQueryParam(message: proto.QueryParamMatch, field: string): QueryParamMatch {
  const { name, value } = message;
  if (name === '') invalid(`${field}.name`, 'is empty');
  if (value.case === 'regex') {
    return { name, value: { kind: 'regex', regex: decodeRegex(value.value, `${field}.regex`) } };
  }
  if (value.case !== 'exact') return invalid(field, 'has no value');
  return { name, value: { kind: 'exact', text: value.value } };
}
