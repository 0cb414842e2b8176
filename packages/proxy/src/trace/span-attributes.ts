import { hostOf, portOf } from '../exchange/normalize-authority.ts';
import type { Span } from './span.ts';

/** The attributes of a span, by the names of OpenTelemetry's conventions. What is unknown is left out. */
export function spanAttributes({ direction, request, status }: Span): Record<string, string | number> {
  const { path, query } = splitPath(request.path);
  const authority = withoutCredentials(request.authority || request.host);
  const server = withoutCredentials(request.forwardedHost || request.host || request.authority);
  const port = portOf(server, 0);
  const texts = {
    direction,
    'http.request.method': request.method,
    'url.scheme': request.scheme,
    'url.path': path,
    'url.query': query,
    'url.full': authority === '' ? '' : `${request.scheme}://${authority}${request.path}`,
    'network.transport': 'tcp',
    'server.address': hostOf(server) ?? '',
    'user_agent.original': request.userAgent,
    'http.request.header.content-length': request.contentLength,
    'http.request.header.content-type': request.contentType,
    'http.request.header.l5d-orig-proto': request.origProto,
  };
  const attributes: Record<string, string | number> = {};
  for (const [name, text] of Object.entries(texts)) if (text !== '') attributes[name] = text;
  if (port !== 0) attributes['server.port'] = port;
  if (status !== null) attributes['http.response.status_code'] = status;
  return attributes;
}

export function splitPath(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

const withoutCredentials = (authority: string): string => authority.slice(authority.lastIndexOf('@') + 1);
