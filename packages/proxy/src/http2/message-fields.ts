import { hasHeader } from '../http/headers.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { HpackDecoder } from './hpack/decoder.ts';
import { describeMalformed, FieldKind, isMalformed, isPseudo } from './hpack/field-kind.ts';

/**
 * Reads the field list that a decoder holds as the head of a message, by the rules of RFC 9113 sections 8.2
 * and 8.3. A string says why the message is malformed.
 */
export function readRequestHead(decoder: HpackDecoder): RequestHead | string {
  const { fields, kinds, count } = decoder;
  const headers: HeaderList = [];
  let method: string | undefined;
  let path: string | undefined;
  let scheme: string | undefined;
  let authority: string | undefined;
  let host: string | undefined;
  let contentLength = -1;
  let cookieAt = -1;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    const value = fields[2 * i + 1];
    if (kind === FieldKind.Regular) {
      headers.push(fields[2 * i], value);
      continue;
    }
    if (isPseudo(kind) && headers.length > 0) return 'pseudo-header after a field';
    switch (kind) {
      case FieldKind.Method:
        if (method !== undefined) return 'repeated :method';
        method = value;
        break;
      case FieldKind.Path:
        if (path !== undefined) return 'repeated :path';
        path = value;
        break;
      case FieldKind.Scheme:
        if (scheme !== undefined) return 'repeated :scheme';
        scheme = value;
        break;
      case FieldKind.Authority:
        if (authority !== undefined) return 'repeated :authority';
        authority = value;
        break;
      case FieldKind.Host:
        if (host !== undefined) return 'repeated host';
        host = value;
        headers.push('host', value);
        break;
      case FieldKind.ContentLength:
        if (contentLength >= 0) return 'repeated content-length';
        contentLength = Number(value);
        headers.push('content-length', value);
        break;
      case FieldKind.Cookie:
        // Crumbs are joined for whoever does not speak HTTP/2 (section 8.2.3).
        if (cookieAt >= 0) {
          headers[cookieAt] += `; ${value}`;
        } else {
          cookieAt = headers.push('cookie', value) - 1;
        }
        break;
      case FieldKind.Status:
        return ':status in a request';
      default:
        return describeMalformed(kind, fields[2 * i]);
    }
  }
  if (method === undefined) return 'no :method';
  // A proxy that carries HTTP/1 here keeps the Host of a request in absolute form, which may be another.
  if (host !== undefined && authority !== undefined && !isSameAuthority(host, authority, scheme)) {
    if (!hasHeader(headers, 'l5d-orig-proto')) return 'host differs from :authority';
  }
  if (method === 'CONNECT') {
    if (path !== undefined || scheme !== undefined) return 'CONNECT with :path or :scheme';
    if (authority === undefined) return 'CONNECT without :authority';
    return request(method, '', 'http', authority, 'authority', headers, contentLength);
  }
  if (scheme === undefined) return 'no :scheme';
  if (path === undefined) return 'no :path';
  if (path === '*' && method !== 'OPTIONS') return ':path * without OPTIONS';
  const form = path === '*' ? 'asterisk' : 'origin';
  return request(method, path, scheme, authority, form, headers, contentLength);
}

function request(
  method: string,
  path: string,
  scheme: string,
  authority: string | undefined,
  form: RequestHead['form'],
  headers: HeaderList,
  contentLength: number,
): RequestHead {
  return {
    method,
    path,
    scheme,
    authority,
    version: '2',
    form,
    headers,
    contentLength,
    wantsUpgrade: false,
  };
}

function isSameAuthority(host: string, authority: string, scheme: string | undefined): boolean {
  if (host === authority) return true;
  return withoutDefaultPort(host, scheme) === withoutDefaultPort(authority, scheme);
}

function withoutDefaultPort(authority: string, scheme: string | undefined): string {
  const lower = authority.toLowerCase();
  const port = scheme === 'https' ? ':443' : ':80';
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
}

export function readResponseHead(decoder: HpackDecoder): ResponseHead | string {
  const { fields, kinds, count } = decoder;
  const headers: HeaderList = [];
  let status = 0;
  let contentLength = -1;
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    const name = fields[2 * i];
    const value = fields[2 * i + 1];
    if (kind === FieldKind.Status) {
      if (status !== 0) return 'repeated :status';
      if (headers.length > 0) return 'pseudo-header after a field';
      status = Number(value);
      continue;
    }
    if (isMalformed(kind)) return describeMalformed(kind, name);
    if (isPseudo(kind)) return `${name} in a response`;
    if (kind === FieldKind.ContentLength) {
      if (contentLength >= 0) return 'repeated content-length';
      contentLength = Number(value);
    }
    headers.push(name, value);
  }
  if (status === 0) return 'no :status';
  if (status === 101) return 'status 101';
  return { status, version: '2', headers, contentLength };
}

/** Fields that describe the message's framing and target mean nothing behind it and are left out. */
export function readTrailers(decoder: HpackDecoder): HeaderList | string {
  const { fields, kinds, count } = decoder;
  const trailers: HeaderList = [];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i];
    const name = fields[2 * i];
    if (isMalformed(kind)) return describeMalformed(kind, name);
    if (isPseudo(kind)) return `${name} in trailers`;
    if (kind !== FieldKind.ContentLength && kind !== FieldKind.Host) trailers.push(name, fields[2 * i + 1]);
  }
  return trailers;
}
