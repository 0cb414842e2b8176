import { describe, expect, it } from '@jest/globals';
import { INCOMPLETE, MALFORMED } from './field-scanner.ts';
import { ResponseParser } from './response-parser.ts';

function parse(text: string) {
  const parser = new ResponseParser({ maxHeadBytes: 64 * 1024, maxFields: 100 });
  const bytes = Buffer.from(text, 'latin1');
  const after = parser.parse(bytes, 0, bytes.length);
  return { after, parser, head: parser.head, offence: after === MALFORMED ? parser.offence : null };
}

describe('a response head', () => {
  it('is read with its status, version and fields', () => {
    const { head, parser } = parse('HTTP/1.1 200 Fine by me\r\nServer: x\r\nContent-Length: 3\r\n\r\nabc');
    expect(head).toEqual({
      status: 200,
      version: '1.1',
      headers: ['server', 'x', 'content-length', '3'],
      contentLength: 3,
    });
    expect(parser).toMatchObject({ persistent: true, chunked: false });
  });

  it.each(['HTTP/1.1 204\r\n\r\n', 'HTTP/1.1 204 \r\n\r\n', 'HTTP/1.0 999 caf\xe9\r\n\r\n'])(
    '%j will do',
    (text) => {
      expect(parse(text).offence).toBeNull();
    },
  );

  it('says whether the endpoint keeps the connection', () => {
    expect(parse('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n').parser.persistent).toBe(false);
    expect(parse('HTTP/1.0 200 OK\r\n\r\n').parser.persistent).toBe(false);
    expect(parse('HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\n').parser.persistent).toBe(true);
  });

  it('is incomplete at every place where it can be cut', () => {
    const text = 'HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n';
    for (let cut = 0; cut < text.length; cut++)
      expect([cut, parse(text.slice(0, cut)).after]).toEqual([cut, INCOMPLETE]);
    expect(parse(text).after).toBe(text.length);
  });

  it.each<[string, string]>([
    ['HTTP/1.1 20 OK\r\n\r\n', 'status-line'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'status-line'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'status-line'],
    ['HTTP/1.1  200 OK\r\n\r\n', 'status-line'],
    ['HTTP/1.1\t200 OK\r\n\r\n', 'status-line'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'version'],
    ['ICY 200 OK\r\n\r\n', 'status-line'],
    ['HTTP/1.1 200 OK\n\n', 'bare-lf'],
    ['HTTP/1.1 200 O\0K\r\n\r\n', 'status-line'],
    ['HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n', 'obs-fold'],
    ['HTTP/1.1 200 OK\r\na : b\r\n\r\n', 'space-before-colon'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 'content-length-repeated'],
    [
      'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      'content-length-with-transfer-encoding',
    ],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n', 'transfer-encoding'],
    ['HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'transfer-encoding'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`, 'head-too-large'],
  ])('%j is refused', (text, offence) => {
    expect(parse(text).offence).toBe(offence);
  });
});
