import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { statusOf } from './offence.ts';
import { RequestParser } from './request-parser.ts';

const limits = { maxHeadBytes: 64 * 1024, maxFields: 100 };
const bytesOf = (text: string) => Buffer.from(text, 'latin1');

function parse(text: string, requireHost = true) {
  const parser = new RequestParser(limits, requireHost);
  const bytes = bytesOf(text);
  const after = parser.parse(bytes, 0, bytes.length);
  return { after, parser, head: parser.head, offence: after === MALFORMED ? parser.offence : null };
}

/** The head of a request with these fields besides Host. */
const withFields = (...fields: string[]) => `POST / HTTP/1.1\r\nhost: a\r\n${fields.join('\r\n')}\r\n\r\n`;

describe('a request head', () => {
  it('is read field by field, names in lower case, values as they are', () => {
    const text =
      'GET /p?x=%20y HTTP/1.1\r\nHost: a.example\r\nX-Odd:\t caf\xe9  two  spaces \r\nX-Empty:\r\n\r\n';
    const { after, head } = parse(`${text}rest`);
    expect(after).toBe(text.length);
    expect(head).toEqual({
      method: 'GET',
      path: '/p?x=%20y',
      scheme: 'http',
      authority: undefined,
      version: '1.1',
      form: 'origin',
      headers: ['host', 'a.example', 'x-odd', 'caf\xe9  two  spaces', 'x-empty', ''],
      contentLength: 0,
      wantsUpgrade: false,
    });
  });

  it('may come after empty lines', () => {
    expect(parse('\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n').head?.path).toBe('/');
  });

  it.each<[string, string, object]>([
    [
      'absolute',
      'GET http://a.example:81/x?y HTTP/1.1',
      { scheme: 'http', authority: 'a.example:81', path: '/x?y' },
    ],
    ['absolute', 'GET HTTPS://[::1]?q HTTP/1.1', { scheme: 'https', authority: '[::1]', path: '/?q' }],
    ['authority', 'CONNECT a.example:443 HTTP/1.1', { authority: 'a.example:443', path: '' }],
    ['asterisk', 'OPTIONS * HTTP/1.1', { authority: undefined, path: '*' }],
  ])('has a target in %s form: %s', (form, line, parts) => {
    expect(parse(`${line}\r\nhost: b\r\n\r\n`).head).toMatchObject({ form, ...parts });
  });

  it('keeps odd methods as they are', () => {
    for (const method of ['M-SEARCH', 'PROPFIND', 'get', 'QUERY', "A!#$%&'*+-.^_`|~9"]) {
      expect(parse(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n`).head?.method).toBe(method);
    }
  });

  it('says whether the connection is to be kept', () => {
    const persistent = (version: string, connection: string) =>
      parse(`GET / HTTP/${version}\r\nhost: a\r\nconnection: ${connection}\r\n\r\n`).parser.persistent;
    expect(persistent('1.1', 'x')).toBe(true);
    expect(persistent('1.1', 'x, Close')).toBe(false);
    expect(persistent('1.0', 'x')).toBe(false);
    expect(persistent('1.0', 'Keep-Alive')).toBe(true);
    expect(persistent('1.0', 'keep-alive, close')).toBe(false);
  });

  it('asks to leave HTTP with Upgrade or CONNECT, but not for h2c and not in HTTP/1.0', () => {
    const wants = (version: string, upgrade: string) =>
      parse(`GET / HTTP/${version}\r\nhost: a\r\nupgrade: ${upgrade}\r\n\r\n`).head?.wantsUpgrade;
    expect(wants('1.1', 'websocket')).toBe(true);
    expect(wants('1.1', 'H2C')).toBe(false);
    expect(wants('1.0', 'websocket')).toBe(false);
    expect(parse('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n').head?.wantsUpgrade).toBe(true);
  });

  it('announces its body', () => {
    expect(parse(withFields('content-length: 12')).head?.contentLength).toBe(12);
    expect(parse(withFields('content-length: 0')).head?.contentLength).toBe(0);
    expect(parse(withFields('Transfer-Encoding: Chunked')).head?.contentLength).toBe(-1);
    expect(parse(withFields('expect: 100-continue')).parser.expectsContinue).toBe(true);
  });

  it('of HTTP/1.0 needs no host, and an empty one will do in HTTP/1.1', () => {
    expect(parse('GET / HTTP/1.0\r\n\r\n').offence).toBeNull();
    expect(parse('GET / HTTP/1.1\r\nhost:\r\n\r\n').offence).toBeNull();
    expect(parse('GET / HTTP/1.1\r\n\r\n', false).offence).toBeNull();
  });

  it('is incomplete at every place where it can be cut', () => {
    const text = '\r\nPOST http://a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX: y\r\n\r\n';
    for (let cut = 0; cut < text.length; cut++)
      expect([cut, parse(text.slice(0, cut)).after]).toEqual([cut, INCOMPLETE]);
    expect(parse(text).after).toBe(text.length);
  });

  it.each<[string, string, number]>([
    ['GET / HTTP/1.1\nhost: a\n\n', 'bare-lf', 400],
    ['GET / HTTP/1.1\r\nhost: a\n\r\n', 'bare-lf', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\n\n', 'bare-lf', 400],
    ['GET / HTTP/1.1\rhost: a\r\n\r\n', 'bare-cr', 400],
    ['GET / HTTP/1.1\r\nhost: a\rx: y\r\n\r\n', 'bare-cr', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\n\rx\r\n\r\n', 'bare-cr', 400],
    ['\nGET / HTTP/1.1\r\nhost: a\r\n\r\n', 'bare-lf', 400],
    ['GET / HTTP/1.1\r\n x: y\r\nhost: a\r\n\r\n', 'obs-fold', 400],
    [withFields('x: y', '\tfolded'), 'obs-fold', 400],
    [withFields('x : y'), 'space-before-colon', 400],
    [withFields('content-length\t: 5'), 'space-before-colon', 400],
    [withFields('x\0: y'), 'field-name', 400],
    [withFields('caf\xe9: y'), 'field-name', 400],
    [withFields(': y'), 'field-name', 400],
    [withFields('no colon'), 'space-before-colon', 400],
    [withFields('nocolon'), 'bare-cr', 400],
    [withFields('x: a\0b'), 'field-value', 400],
    [withFields('x: a\x7fb'), 'field-value', 400],
    [withFields('x: a\x01b'), 'field-value', 400],
    ['G\0T / HTTP/1.1\r\nhost: a\r\n\r\n', 'method', 400],
    [' GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'method', 400],
    ['GET  / HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET /\0 HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET /\tx HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET /#part HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET / x HTTP/1.1\r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET /  HTTP/1.1\r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET / HTTP/1.1 \r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET / http/1.1\r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET / HTTP/1\r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET / \r\nhost: a\r\n\r\n', 'request-line', 400],
    ['GET /\r\n\r\n', 'target', 400],
    ['GET / HTTP/2.0\r\nhost: a\r\n\r\n', 'version', 505],
    ['GET / HTTP/1.2\r\nhost: a\r\n\r\n', 'version', 505],
    ['GET / HTTP/0.9\r\nhost: a\r\n\r\n', 'version', 505],
    [withFields('content-length: 5', 'content-length: 5'), 'content-length-repeated', 400],
    [withFields('content-length: 5', 'content-length: 6'), 'content-length-repeated', 400],
    [withFields('content-length: 5, 5'), 'content-length', 400],
    [withFields('content-length: +5'), 'content-length', 400],
    [withFields('content-length: -5'), 'content-length', 400],
    [withFields('content-length: 0x5'), 'content-length', 400],
    [withFields('content-length: 5 5'), 'content-length', 400],
    [withFields('content-length:'), 'content-length', 400],
    [withFields('content-length: 99999999999999999999'), 'content-length', 400],
    [
      withFields('content-length: 5', 'transfer-encoding: chunked'),
      'content-length-with-transfer-encoding',
      400,
    ],
    [
      withFields('transfer-encoding: chunked', 'content-length: 0'),
      'content-length-with-transfer-encoding',
      400,
    ],
    [withFields('transfer-encoding: chunked, chunked'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: chunked', 'transfer-encoding: chunked'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: chunked', 'transfer-encoding: identity'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: chunked, identity'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: identity'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: xchunked'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: chunked;q=1'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: "chunked"'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: \x0bchunked'), 'field-value', 400],
    [withFields('transfer-encoding:'), 'transfer-encoding', 400],
    [withFields('transfer-encoding: gzip, chunked'), 'transfer-encoding-unsupported', 501],
    ['POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n', 'transfer-encoding', 400],
    ['GET / HTTP/1.1\r\n\r\n', 'host-missing', 400],
    ['GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n', 'host-repeated', 400],
    ['GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n', 'host-repeated', 400],
    ['GET / HTTP/1.1\r\nhost: a b\r\n\r\n', 'host-invalid', 400],
    ['GET / HTTP/1.1\r\nhost: user@a\r\n\r\n', 'host-invalid', 400],
    ['GET / HTTP/1.1\r\nhost: a/b\r\n\r\n', 'host-invalid', 400],
    ['GET / HTTP/1.1\r\nhost: a:80x\r\n\r\n', 'host-invalid', 400],
    ['GET / HTTP/1.1\r\nhost: ::1\r\n\r\n', 'host-invalid', 400],
    ['GET / HTTP/1.1\r\nhost: [::1\r\n\r\n', 'host-invalid', 400],
    ['CONNECT / HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['CONNECT http://a/b HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['CONNECT * HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['CONNECT a:443 HTTP/1.0\r\nhost: a\r\n\r\n', 'target', 400],
    ['CONNECT a HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['CONNECT a:1 HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n', 'body-forbidden', 400],
    ['GET a:80 HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET * HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET http:/// HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    ['GET http://u@a/ HTTP/1.1\r\nhost: a\r\n\r\n', 'target', 400],
    [`GET /${'x'.repeat(70_000)}`, 'target-too-long', 414],
    [withFields(`x: ${'y'.repeat(70_000)}`), 'head-too-large', 431],
    [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(70_000)}`, 'head-too-large', 431],
    [withFields(...Array.from({ length: 100 }, (_, i) => `x${i}: y`)), 'too-many-fields', 431],
  ])('%j is refused', (text, offence, status) => {
    const parsed = parse(text);
    expect(parsed.offence).toBe(offence);
    expect(parsed.offence && statusOf(parsed.offence)).toBe(status);
  });

  it('may have exactly 100 fields', () => {
    expect(parse(withFields(...Array.from({ length: 99 }, (_, i) => `x${i}: y`))).head?.headers).toHaveLength(
      200,
    );
  });

  it('never throws and never reads beyond what has come', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'GET',
        ' ',
        '/',
        'HTTP/1.1',
        '\r\n',
        '\n',
        '\r',
        ':',
        'host',
        'content-length',
        '\0',
        '\t',
        '*',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const { after } = parse(text);
        expect(after).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
