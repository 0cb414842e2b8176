import { describe, expect, it } from '@jest/globals';
import { type AccessRecord, formatAccess } from './access-line.ts';

const record = (over: Partial<AccessRecord> = {}): AccessRecord => ({
  clientAddr: '10.1.0.9:41020',
  clientId: null,
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  method: 'GET',
  uri: '/a',
  version: 'HTTP/1.1',
  traceId: '',
  requestBytes: '',
  userAgent: '',
  host: 'web',
  response: { status: 200, bytes: '', totalMs: 1.5, processingMs: 0.25 },
  ...over,
});

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';

describe('a line of the apache format', () => {
  it('says who asked for what, when, and how it ended', () => {
    expect(formatAccess('apache', record())).toBe(
      '10.1.0.9:41020 - - [2026-01-02T03:04:05.678Z] "GET /a HTTP/1.1" 200',
    );
    expect(formatAccess('apache', record({ clientId: identity }))).toContain(`:41020 ${identity} - [`);
  });

  it('has no status when there was no response', () => {
    expect(formatAccess('apache', record({ response: null }))).toMatch(/"GET \/a HTTP\/1.1"$/);
  });

  it('cannot be broken up by what a client sends', () => {
    const line = formatAccess('apache', record({ uri: '/a" 200\r\n10.0.0.1\x1b[2J\x9b\\' }));
    expect(line).toContain('"GET /a\\x22 200\\x0d\\x0a10.0.0.1\\x1b[2J\\x9b\\x5c HTTP/1.1" 200');
  });
});

describe('a line of the JSON format', () => {
  const parse = (over: Partial<AccessRecord>) =>
    JSON.parse(formatAccess('json', record(over))) as Record<string, unknown>;

  it('holds all of it', () => {
    const response = { status: 404, bytes: '12', totalMs: 1.5, processingMs: 0.25 };
    const over = { clientId: identity, traceId: 't1', requestBytes: '3', userAgent: 'curl', response };
    expect(parse(over)).toEqual({
      'client.addr': '10.1.0.9:41020',
      'client.id': identity,
      timestamp: '2026-01-02T03:04:05.678Z',
      method: 'GET',
      uri: '/a',
      version: 'HTTP/1.1',
      trace_id: 't1',
      request_bytes: '3',
      status: 404,
      response_bytes: '12',
      total_ns: '1500000',
      processing_ns: '250000',
      user_agent: 'curl',
      host: 'web',
    });
  });

  it('leaves out what there was not', () => {
    const empty = parse({ response: null });
    for (const key of ['status', 'response_bytes', 'total_ns', 'processing_ns'])
      expect(empty).not.toHaveProperty([key]);
    expect(empty).toMatchObject({ 'client.id': '-', trace_id: '', request_bytes: '', user_agent: '' });
  });

  it('is one line of visible characters', () => {
    const line = formatAccess('json', record({ uri: '/\n\x9b\x7f', userAgent: 'a\x1bb', host: '\xff' }));
    expect(line).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toMatchObject({ uri: '/\n\x9b\x7f', user_agent: '', host: '' });
  });
});
