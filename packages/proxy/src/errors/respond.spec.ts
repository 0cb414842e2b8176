import { describe, expect, it } from '@jest/globals';
import { requestHead } from '../exchange/exchange.builder.ts';
import { getHeader, hasHeader } from '../http/headers.ts';
import type { RequestHead } from '../http/message.ts';
import { ProxyError, type ProxyErrorCode, type ProxyErrorDetails } from './proxy-error.ts';
import { errorHeaderText, grpcCodeOf, isGrpc, percentEncode, synthesize } from './respond.ts';

const http1 = () => requestHead();
const http2 = () => requestHead({ version: '2', headers: [] });
const grpc = (type = 'application/grpc') =>
  requestHead({ version: '2', method: 'POST', headers: ['content-type', type] });

function answerTo(
  request: RequestHead,
  code: ProxyErrorCode,
  details: ProxyErrorDetails = {},
  { informational = true, upgraded = false } = {},
) {
  return synthesize(new ProxyError(code, 'because', details), request, informational, upgraded);
}

/** Every kind of failure: its HTTP status, its gRPC code, and whether the connection is closed after it. */
const failures: [code: ProxyErrorCode, status: number, grpcCode: number, close: boolean][] = [
  ['fail-fast', 504, 4, true],
  ['load-shed', 503, 14, true],
  ['connect-timeout', 504, 4, true],
  ['response-timeout', 504, 4, false],
  ['profile-timeout', 504, 4, true],
  ['io', 502, 14, true],
  ['reset', 502, 14, true],
  ['loop', 500, 13, true],
  ['identity-required', 502, 14, true],
  ['dispatch-failed', 502, 14, true],
  ['no-route', 404, 5, false],
  ['invalid-redirect', 500, 13, true],
  ['unauthorized', 403, 7, false],
  ['rate-limited', 429, 8, false],
  ['invalid-policy', 500, 13, true],
  ['gateway-loop', 508, 10, true],
  ['gateway-domain', 404, 5, false],
  ['bad-request', 400, 13, true],
  ['unexpected', 500, 13, true],
];

describe('a failure as an HTTP answer', () => {
  it.each(failures)('%s is %i', (code, status, _grpcCode, close) => {
    const answer = answerTo(http1(), code);
    expect(answer.close).toBe(close);
    expect(answer.head).toMatchObject({ status, version: '1.1', contentLength: 0 });
    expect(answer.head.headers).toEqual([
      'content-length',
      '0',
      'l5d-proxy-error',
      'because',
      ...(close ? ['l5d-proxy-connection', 'close', 'connection', 'close'] : []),
    ]);
  });

  it.each(failures)(
    '%s tells a client that may not know why nothing but %i',
    (code, status, _grpc, close) => {
      const { head } = answerTo(http1(), code, {}, { informational: false });
      expect(head.status).toBe(status);
      expect(head.headers).toEqual(['content-length', '0', ...(close ? ['connection', 'close'] : [])]);
    },
  );

  it.each([
    ['HTTP/2', http2(), {}],
    ['HTTP/1.0', requestHead({ version: '1.0' }), {}],
    ['HTTP/1 that came inside HTTP/2', http1(), { upgraded: true }],
  ])('is closed on %s without a connection field', (_what, request, more) => {
    const { head, close } = answerTo(request, 'io', {}, more);
    expect(close).toBe(true);
    expect(hasHeader(head.headers, 'connection')).toBe(false);
    expect(getHeader(head.headers, 'l5d-proxy-connection')).toBe('close');
    expect(head.version).toBe(request.version);
  });

  it('of a redirect has its status and location', () => {
    const location = 'https://shop.example/new';
    const { head, close } = answerTo(
      http1(),
      'redirect',
      { status: 308, location },
      { informational: false },
    );
    expect(head.status).toBe(308);
    expect(head.headers).toEqual(['content-length', '0', 'location', location]);
    expect(close).toBe(false);
    expect(answerTo(http1(), 'redirect', { location }).head.status).toBe(301);
  });

  it('that was injected has the status that was asked for', () => {
    const { head, close } = answerTo(http1(), 'injected', { status: 418 });
    expect(head.status).toBe(418);
    expect(close).toBe(false);
  });

  it('that was injected by a gRPC filter is a 200 to those who speak plain HTTP', () => {
    expect(answerTo(http2(), 'injected-grpc', { status: 14 }).head.status).toBe(200);
  });
});

describe('a failure as a gRPC answer', () => {
  it.each(failures)('%s (%i in HTTP) has code %i', (code, _status, grpcCode, close) => {
    const answer = answerTo(grpc(), code);
    expect(answer.close).toBe(close);
    expect(answer.head).toMatchObject({ status: 200, version: '2', contentLength: 0 });
    expect(answer.head.headers).toEqual([
      ...['content-type', 'application/grpc', 'grpc-status', String(grpcCode), 'grpc-message', 'because'],
      ...['content-length', '0', 'l5d-proxy-error', 'because'],
      ...(close ? ['l5d-proxy-connection', 'close'] : []),
    ]);
  });

  it.each(failures)('%s tells who may not know why its code alone', (code, _status, grpcCode) => {
    const { headers } = answerTo(grpc(), code, {}, { informational: false }).head;
    expect(headers).toEqual([
      ...['content-type', 'application/grpc', 'grpc-status', String(grpcCode), 'content-length', '0'],
    ]);
  });

  it.each([
    ['redirect', { status: 302, location: '/elsewhere' }, '5'],
    ['injected', { status: 418 }, '9'],
    ['injected-grpc', { status: 11 }, '11'],
    ['injected-grpc', {}, '2'],
  ] as const)('of %s %j has code %s', (code, details, grpcCode) => {
    const { head } = answerTo(grpc(), code, details);
    expect(head.status).toBe(200);
    expect(getHeader(head.headers, 'grpc-status')).toBe(grpcCode);
  });

  it('is a plain one when the request came as HTTP/1 inside HTTP/2', () => {
    const { head } = answerTo(grpc(), 'unauthorized', {}, { upgraded: true });
    expect(head.status).toBe(403);
    expect(hasHeader(head.headers, 'grpc-status')).toBe(false);
  });

  it('is for HTTP/2 requests of a gRPC content type', () => {
    expect(isGrpc(grpc('application/grpc+proto'))).toBe(true);
    expect(isGrpc(grpc('application/json'))).toBe(false);
    expect(isGrpc({ ...grpc(), version: '1.1' })).toBe(false);
    expect(isGrpc(http2())).toBe(false);
  });

  it('has the same code in trailers', () => {
    expect(grpcCodeOf(new ProxyError('io', 'broken pipe'))).toBe(14);
    expect(grpcCodeOf(new ProxyError('injected-grpc', 'no', { status: 3 }))).toBe(3);
  });
});

describe('the text of a failure', () => {
  it('is its chain, outermost context first', () => {
    const error = new ProxyError('fail-fast', 'service in fail-fast').within('endpoint 10.0.0.1:80');
    error.within('backend Service.shop.orders:80').within('logical service orders:80');
    expect(errorHeaderText(error)).toBe(
      'logical service orders:80: backend Service.shop.orders:80: endpoint 10.0.0.1:80: service in fail-fast',
    );
  });

  it.each(['two\r\nlines', 'nul\0', 'déjà vu — euro €', 'tab\t', 'del\x7f'])(
    'that a header cannot carry (%j) is not shown',
    (message) => {
      expect(errorHeaderText(new ProxyError('io', message))).toBe('unexpected error');
    },
  );

  it('may hold latin-1', () => {
    expect(errorHeaderText(new ProxyError('io', 'déjà vu'))).toBe('déjà vu');
  });

  it('in grpc-message is percent-encoded', () => {
    expect(percentEncode('100% of "x"')).toBe('100%25 of "x"');
    expect(percentEncode('déjà')).toBe('d%C3%A9j%C3%A0');
    const { headers } = synthesize(new ProxyError('injected-grpc', '5 % off'), grpc(), true).head;
    expect(getHeader(headers, 'grpc-message')).toBe('5 %25 off');
    expect(getHeader(headers, 'l5d-proxy-error')).toBe('5 % off');
  });
});
