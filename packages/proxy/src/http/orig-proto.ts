import { getHeader, removeHeader, setHeader } from './headers.ts';
import type { HttpVersion, RequestHead, ResponseHead } from './message.ts';

/**
 * HTTP/1 carried over HTTP/2 between two proxies. The request says which version and form it had, the
 * response says which version the server answered in.
 */
const name = 'l5d-orig-proto';

/** Written out, so that they are the same strings for every message. */
const written: Record<HttpVersion, string> = { '1.0': 'HTTP/1.0', '1.1': 'HTTP/1.1', '2': 'HTTP/2' };

/** Outbound: the version in which the application asked. */
export function upgradeRequest(request: RequestHead): void {
  const version = written[request.version];
  setHeader(request.headers, name, request.form === 'absolute' ? `${version}; absolute-form` : version);
  removeHeader(request.headers, 'transfer-encoding');
  request.version = '2';
  request.form = 'origin';
}

/** Outbound: the version to answer the application in; `asked` is its own. */
export function downgradeResponse(response: ResponseHead, asked: HttpVersion): void {
  const version = getHeader(response.headers, name);
  removeHeader(response.headers, name);
  response.version = version === 'HTTP/1.0' ? '1.0' : version === 'HTTP/1.1' ? '1.1' : asked;
}

/** Inbound: gives the request its version and form back. False when it is ordinary HTTP/2. */
export function downgradeRequest(request: RequestHead): boolean {
  const value = getHeader(request.headers, name);
  if (value === undefined) return false;
  removeHeader(request.headers, name);
  if (value.startsWith('HTTP/1.1')) request.version = '1.1';
  else if (value.startsWith('HTTP/1.0')) request.version = '1.0';
  else return false;
  if (value.endsWith('; absolute-form')) {
    request.form = 'absolute';
    // A client of HTTP/1.0 need not have sent a Host, but its target names one.
    if (request.authority !== undefined && getHeader(request.headers, 'host') === undefined)
      setHeader(request.headers, 'host', request.authority);
  }
  return true;
}

/** Inbound: tells the other proxy in which version the server answered. */
export function upgradeResponse(response: ResponseHead): void {
  setHeader(response.headers, name, written[response.version]);
  removeHeader(response.headers, 'transfer-encoding');
  response.version = '2';
}
