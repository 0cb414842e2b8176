import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HeaderList, ResponseHead } from '../http/message.ts';
import { BodyWriter, Framing } from './body-writer.ts';
import { requestHead } from './recording-response.builder.ts';
import { RequestParser } from './request-parser.ts';
import { encodeRequestHead } from './request-writer.ts';
import { encodeBareHead, encodeResponseHead, type ResponseContext } from './response-writer.ts';

const now = Date.UTC(1994, 10, 6, 8, 49, 37);
const DATE = 'date: Sun, 06 Nov 1994 08:49:37 GMT\r\n';

function response(
  status: number,
  headers: HeaderList,
  ended: boolean,
  context: Partial<ResponseContext> = {},
) {
  const head: ResponseHead = { status, version: '1.1', headers, contentLength: -1 };
  const body = new BodyWriter();
  const full = { http10: false, isHead: false, isConnect: false, persistent: true, ...context };
  const text = encodeResponseHead(head, ended, full, body, now)?.toString('latin1') ?? null;
  return { text, framing: body.framing, persistent: full.persistent };
}

function request(headers: HeaderList, ended: boolean, more: Parameters<typeof requestHead>[2] = {}) {
  const body = new BodyWriter();
  const head = requestHead('POST', '/p', { headers, ...more });
  return { text: encodeRequestHead(head, ended, body)?.toString('latin1') ?? null, framing: body.framing };
}

describe('a response head', () => {
  it('keeps the framing that it came with', () => {
    expect(response(200, ['content-length', '5', 'x', 'y'], false)).toEqual({
      text: `HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 5\r\n${DATE}\r\n`,
      framing: Framing.length,
      persistent: true,
    });
    expect(response(200, ['transfer-encoding', 'chunked'], false)).toEqual({
      text: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n${DATE}\r\n`,
      framing: Framing.chunked,
      persistent: true,
    });
  });

  it('is framed for the client when it came without a length', () => {
    expect(response(200, [], false).text).toContain('transfer-encoding: chunked');
    const old = response(200, ['transfer-encoding', 'chunked'], false, { http10: true });
    expect(old).toEqual({
      text: `HTTP/1.0 200 OK\r\n${DATE}\r\n`,
      framing: Framing.close,
      persistent: false,
    });
  });

  it('says how long an empty body is, and adds nothing where there can be none', () => {
    expect(response(200, [], true).text).toContain('content-length: 0');
    expect(response(200, ['content-length', '0'], true).text?.match(/content-length/g)).toHaveLength(1);
    expect(response(200, ['transfer-encoding', 'chunked'], true).text).toMatch(/\r\n\r\n0\r\n\r\n$/);
    for (const status of [204, 304]) {
      const { text, framing } = response(status, [], true);
      expect(text).not.toMatch(/content-length|transfer-encoding/);
      expect(framing).toBe(Framing.none);
    }
    expect(response(204, ['content-length', '0'], true).text).not.toContain('content-length');
    expect(response(304, ['content-length', '7'], true).text).toContain('content-length: 7');
    expect(response(200, ['content-length', '55'], true, { isHead: true }).text).toContain(
      'content-length: 55',
    );
    expect(response(200, [], true, { isHead: true }).text).not.toMatch(/content-length|transfer-encoding/);
  });

  it('says what becomes of the connection', () => {
    expect(response(200, [], true, { persistent: false }).text).toContain('connection: close\r\n');
    expect(response(200, [], true, { http10: true }).text).toContain('connection: keep-alive\r\n');
    expect(response(200, [], true, { http10: true, persistent: false }).text).not.toContain('connection');
    const asked = response(200, ['connection', 'Close'], true);
    expect(asked.persistent).toBe(false);
    expect(asked.text?.match(/connection: close\r\n/g)).toHaveLength(1);
    expect(response(200, ['connection', 'keep-alive'], true).text).not.toContain('connection');
  });

  it('keeps the date of the answer', () => {
    expect(response(200, ['date', 'then'], true).text?.match(/date: .*/g)).toEqual(['date: then']);
  });

  it.each<[string, HeaderList, boolean]>([
    ['two lengths', ['content-length', '5', 'content-length', '6'], false],
    ['a length that is none', ['content-length', '5x'], false],
    ['a length and chunks', ['content-length', '5', 'transfer-encoding', 'chunked'], false],
    ['an unknown coding', ['transfer-encoding', 'gzip'], false],
    ['a length without a body', ['content-length', '5'], true],
  ])('is not written with %s', (_, headers, ended) => {
    expect(response(200, headers, ended).text).toBeNull();
  });

  it('collapses lengths that agree', () => {
    const { text } = response(200, ['content-length', '5', 'content-length', '5'], false);
    expect(text?.match(/content-length: 5\r\n/g)).toHaveLength(1);
  });

  it('that opens a tunnel has no framing and keeps its upgrade', () => {
    const headers = [
      'upgrade',
      'x',
      'connection',
      'upgrade',
      'content-length',
      '0',
      'transfer-encoding',
      'chunked',
    ];
    const head: ResponseHead = { status: 101, version: '1.1', headers, contentLength: -1 };
    expect(encodeBareHead(head)?.toString('latin1')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    );
    expect(response(200, [], true, { isConnect: true }).text).toBeNull();
  });
});

describe('a request head', () => {
  it('is written in the form and version it came in', () => {
    expect(request(['host', 'a'], true).text).toBe('POST /p HTTP/1.1\r\nhost: a\r\n\r\n');
    const absolute = { form: 'absolute', authority: 'first.example', path: '/x?y' } as const;
    expect(request(['host', 'b'], true, absolute).text).toMatch(
      /^POST http:\/\/first\.example\/x\?y HTTP\/1\.1\r\n/,
    );
    expect(request([], true, { version: '1.0' }).text).toBe('POST /p HTTP/1.0\r\n\r\n');
    expect(request([], true, { form: 'authority', authority: 'a:1', path: '' }).text).toMatch(
      /^POST a:1 HTTP/,
    );
    expect(request([], true, { form: 'asterisk', path: '*' }).text).toMatch(/^POST \* HTTP/);
  });

  it('has framing only for a body', () => {
    expect(request([], true).text).not.toMatch(/content-length|transfer-encoding/);
    expect(request(['content-length', '0'], true).text).toContain('content-length: 0');
    expect(request(['content-length', '5'], false)).toMatchObject({ framing: Framing.length });
    expect(request([], false)).toMatchObject({ framing: Framing.chunked });
    expect(request(['transfer-encoding', 'chunked'], true).text).toMatch(/\r\n\r\n0\r\n\r\n$/);
    expect(request([], false, { version: '1.0' }).text).toBeNull();
    expect(request(['content-length', '5'], true).text).toBeNull();
  });

  it.each<[string, Parameters<typeof requestHead>[2]]>([
    ['a blank in the target', { path: '/a b' }],
    ['a line break in the target', { path: '/a\r\nx: y' }],
    ['a character that becomes a line break', { path: '/\u010d\u010a' }],
    ['no target', { path: '' }],
    ['a blank in the method', { method: 'GET /evil' }],
  ])('is not written with %s', (_, more) => {
    expect(request([], true, more).text).toBeNull();
  });
});

describe('no field', () => {
  it.each([
    ['x', 'a\r\nevil: 1'],
    ['x', 'a\nevil: 1'],
    ['x', 'a\rb'],
    ['x', 'a\0b'],
    ['x', 'a\u010d\u010aevil: 1'],
    ['x', '\r\n\r\nGET /evil HTTP/1.1'],
    ['x: y\r\nevil', '1'],
    ['x y', '1'],
    ['x:', '1'],
    ['', '1'],
    ['transfer-encoding ', 'chunked'],
  ])('can bring a line of its own: %j %j', (name, value) => {
    expect(request([name, value], true).text).toBeNull();
    expect(response(200, [name, value], true).text).toBeNull();
  });

  it('is read back other than it was written', () => {
    const name = fc.stringMatching(/^x-[a-z0-9-]{0,10}$/);
    const value = fc.string({
      unit: fc.integer({ min: 0, max: 0x17f }).map((code) => String.fromCharCode(code)),
      maxLength: 12,
    });
    const parser = new RequestParser({ maxHeadBytes: 65_536, maxFields: 100 }, false);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), (fields) => {
        const headers = fields.flat();
        const { text } = request(headers, true);
        if (text === null) return;
        const bytes = Buffer.from(text, 'latin1');
        expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length);
        const expected = headers.map((part) =>
          Buffer.from(part, 'latin1')
            .toString('latin1')
            .replace(/^[ \t]+|[ \t]+$/g, ''),
        );
        expect(parser.head?.headers).toEqual(expected);
      }),
    );
  });
});
