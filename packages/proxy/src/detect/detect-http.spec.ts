import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { type SocketPair, socketPair } from '../transport/socket-pair.builder.ts';
import { detectHttp } from './detect-http.ts';
import { classifyFirstRead } from './first-read.ts';

const classify = (text: string) => classifyFirstRead(Buffer.from(text, 'latin1'));

describe('the first read', () => {
  it.each(['PRI * HTTP/2.0', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'])('%j is HTTP/2', (text) => {
    expect(classify(text)).toBe('http2');
  });

  it.each([
    'GET / HTTP/1.1',
    'GET / HTTP/1.0\r\n',
    'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    'M-SEARCH * HTTP/1.1\r\n',
    'CONNECT a.example:443 HTTP/1.1\r\n',
    '\r\n\r\nGET / HTTP/1.1\r\n',
    'GET / HTTP/1.1\nhost: x\n\n',
    'GET / HTTP/1.1\r\nthis line is no field',
    `GET /${'long/'.repeat(400)} HTTP/1.1\r\n`,
    'GETALONGTOKENWITHOUTANYBLANK',
    'GET /caf\xc3\xa9/and-more',
  ])('%j is HTTP/1', (text) => {
    expect(classify(text)).toBe('http1');
  });

  it.each([
    'PRI * HTTP/2.',
    'GET / HTTP/1.',
    'G',
    'SSH-2.0-OpenSSH_9.6\r\n',
    '220 mail.example ESMTP\r\n',
    'EHLO mail.example\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00\x00\x00',
    '*1\r\n$4\r\nPING\r\n\r\n',
    'GET / HTTP/2.0\r\n',
    'GET / HTTP/1.9\r\n',
    'GET  / HTTP/1.1\r\n',
    'GET /\r\nhost: example',
    ' GET / HTTP/1.1',
    'GET / HTTP/1.1 \r\n',
    'GET / HTTP/1.1\rx',
    '\0'.repeat(20),
  ])('%j is neither', (text) => {
    expect(classify(text)).toBe('opaque');
  });

  it('goes by the first 1024 bytes only', () => {
    expect(classify(`GET /${'x'.repeat(1019)}`)).toBe('http1');
    expect(classify(`GET /${'x'.repeat(1019)}\0`)).toBe('http1');
    expect(classify(`GET /${'x'.repeat(1018)}\0`)).toBe('opaque');
  });

  it('is HTTP/1 wherever a request is cut, from the fourteenth byte on', () => {
    const token = fc.stringMatching(/^[A-Z]{1,12}$/);
    const target = fc.stringMatching(/^\/[!-~]{0,40}$/);
    fc.assert(
      fc.property(token, target, fc.nat(), (method, path, cut) => {
        const request = `${method} ${path} HTTP/1.1\r\nhost: example\r\n\r\n`;
        expect(classify(request.slice(0, 14 + (cut % (request.length - 13))))).toBe('http1');
      }),
    );
  });
});

describe('detection on a connection', () => {
  let pair: SocketPair;

  beforeEach(async () => {
    pair = await socketPair();
  });

  afterEach(() => {
    jest.useRealTimers();
    pair.close();
  });

  it('leaves every byte to the next owner', async () => {
    const text = `GET /${'x'.repeat(3000)} HTTP/1.1\r\nhost: a\r\n\r\n`;
    pair.client.write(Buffer.from(text));
    expect(await detectHttp(pair.server, { timeoutMs: 1000 })).toBe('http1');
    const next = new RecordingHandler();
    pair.server.handler = next;
    await next.when((heard) => heard.bytes === text.length);
    expect(next.text).toBe(text);
  });

  it('does not wait for more than the first read', async () => {
    pair.client.write(Buffer.from('GET /'));
    expect(await detectHttp(pair.server, { timeoutMs: 1000 })).toBe('opaque');
  });

  it('gives a silent client its time and no more', async () => {
    jest.useFakeTimers();
    const detected = detectHttp(pair.server, { timeoutMs: 10_000 });
    jest.advanceTimersByTime(9_999);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await detected).toBe('timeout');
    expect(pair.server.closed).toBe(false);
  });

  it('fails when the client closes without a word', async () => {
    pair.client.end();
    await expect(detectHttp(pair.server, { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'closed' });
    expect(pair.server.closed).toBe(true);
  });

  it('can be given up', async () => {
    const abort = new AbortController();
    const detected = detectHttp(pair.server, { timeoutMs: 1000, signal: abort.signal });
    abort.abort(new Error('shutting down'));
    await expect(detected).rejects.toMatchObject({ code: 'aborted' });
  });
});
