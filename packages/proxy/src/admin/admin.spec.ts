import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeConnection } from '../http1/fake-connection.builder.ts';
import { Http1ServerConnection } from '../http1/server-connection.ts';
import { http1ServerOptions } from '../http1/server-options.ts';
import { AdminProcess, adminRequest } from './admin.builder.ts';
import { handleAdmin } from './admin-handler.ts';
import { adminListener } from './admin-listener.ts';
import type { AdminRequest } from './admin-message.ts';

const remote = { peerIp: '10.0.0.7' };
let process: AdminProcess;

beforeEach(() => {
  process = new AdminProcess();
});

/** Status and body of an answer. */
function ask(method: string, path: string, more: Partial<AdminRequest> = {}) {
  const response = handleAdmin(adminRequest(method, path, more), process);
  if (response.kind === 'lines' || response.kind === 'later') throw new Error('a stream');
  return response;
}

describe('the admin port', () => {
  it('is alive, whatever the method and the caller', () => {
    expect(ask('GET', '/live', remote)).toMatchObject({ status: 200, body: 'live\n' });
    expect(ask('POST', '/live?x=1', remote)).toMatchObject({ status: 200, body: 'live\n' });
  });

  it('is ready once there is a certificate', () => {
    process.ready = false;
    expect(ask('GET', '/ready')).toMatchObject({ status: 503, body: 'not ready\n', headers: [] });
    process.ready = true;
    expect(ask('GET', '/ready', remote)).toMatchObject({ status: 200, body: 'ready\n' });
  });

  it('knows no other paths', () => {
    expect(ask('GET', '/nope')).toMatchObject({ status: 404, body: '' });
    expect(ask('GET', '/live/')).toMatchObject({ status: 404 });
  });

  it('compresses metrics for those who can read that', () => {
    expect(ask('GET', '/metrics', remote)).toMatchObject({ kind: 'text', body: 'request_total 1\n' });
    const headers = ['accept-encoding', 'br', 'accept-encoding', 'deflate, gzip;q=0.5'];
    expect(ask('GET', '/metrics', { headers })).toMatchObject({
      kind: 'gzip',
      headers: ['content-type', 'text/plain', 'content-encoding', 'gzip'],
    });
  });

  it('gives metrics as text to any caller', () => {
    expect(ask('POST', '/metrics', remote)).toMatchObject({
      status: 200,
      headers: ['content-type', 'text/plain'],
    });
  });

  it('says so when metrics cannot be rendered', () => {
    process.renderMetrics = () => {
      throw new Error('out of order');
    };
    expect(ask('GET', '/metrics')).toMatchObject({ status: 500, body: 'out of order\n' });
  });

  describe('/shutdown', () => {
    it('ends the process', () => {
      expect(ask('POST', '/shutdown')).toMatchObject({ status: 200, body: 'shutdown\n' });
      expect(process.shutdowns).toBe(1);
    });

    it('looks at the method, then at the caller, then at whether it is enabled', () => {
      process.shutdownEnabled = false;
      expect(ask('GET', '/shutdown', remote)).toMatchObject({ status: 405, body: '' });
      expect(ask('POST', '/shutdown', remote)).toMatchObject({ status: 403 });
      expect(ask('POST', '/shutdown')).toMatchObject({
        status: 404,
        body: 'shutdown endpoint is not enabled\n',
      });
      expect(process.shutdowns).toBe(0);
    });

    it('says so when the process cannot be told', () => {
      process.shutdown = () => {
        throw new Error('nobody listens');
      };
      expect(ask('POST', '/shutdown')).toMatchObject({ status: 500, body: 'shutdown listener dropped\n' });
    });

    it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('counts %s as local', (peerIp) => {
      expect(ask('POST', '/shutdown', { peerIp })).toMatchObject({ status: 200 });
    });
  });

  describe('/proxy-log-level', () => {
    it('tells and changes the filter', () => {
      expect(ask('GET', '/proxy-log-level')).toMatchObject({ status: 200, body: 'warn' });
      expect(ask('PUT', '/proxy-log-level', { body: 'debug' })).toMatchObject({ status: 204, body: '' });
      expect(process.filter).toBe('debug');
    });

    it('keeps the filter when the new one cannot be read', () => {
      const answer = ask('PUT', '/proxy-log-level', { body: '===' });
      expect(answer).toMatchObject({ status: 400 });
      expect(answer.body).toContain('===');
      expect(process.filter).toBe('warn');
    });

    it('is not there when logging was switched off', () => {
      process.logLevel = null;
      for (const method of ['GET', 'PUT', 'DELETE'])
        expect(ask(method, '/proxy-log-level')).toMatchObject({ status: 404, body: '' });
      expect(ask('GET', '/proxy-log-level', remote)).toMatchObject({ status: 403 });
    });

    it('is for local callers and two methods', () => {
      expect(ask('GET', '/proxy-log-level', remote)).toMatchObject({ status: 403 });
      expect(ask('DELETE', '/proxy-log-level')).toMatchObject({
        status: 405,
        headers: ['allow', 'GET', 'allow', 'PUT'],
      });
    });
  });

  describe('/debug/state', () => {
    it('tells what the proxy believes to those in its pod', () => {
      const answer = ask('GET', '/debug/state');
      expect(answer).toMatchObject({ status: 200, headers: ['content-type', 'application/json'] });
      expect(JSON.parse(answer.body)).toEqual({ version: '0.1.0' });
      expect(ask('GET', '/debug/state', remote)).toMatchObject({ status: 403 });
    });

    it('is for one method and for clients that take JSON', () => {
      expect(ask('POST', '/debug/state')).toMatchObject({ status: 405, headers: ['allow', 'GET'] });
      const html = { headers: ['accept', 'text/html'] };
      expect(ask('GET', '/debug/state', html)).toMatchObject({ status: 406, body: 'application/json' });
    });
  });

  describe('what is for those in the pod', () => {
    it.each([
      ['POST', '/shutdown'],
      ['PUT', '/proxy-log-level'],
      ['GET', '/logs.json'],
      ['GET', '/debug/state'],
    ])('says so to others: %s %s', (method, path) => {
      const answer = ask(method, path, remote);
      expect(answer).toMatchObject({ status: 403, headers: ['content-type', 'text/plain'] });
      expect(answer.body).toMatch(/^\/.* may be used from localhost only, not from 10\.0\.0\.7\n$/);
    });
  });

  describe('/env.json', () => {
    it('shows all variables, or those that are named', () => {
      expect(JSON.parse(ask('GET', '/env.json').body)).toEqual({ HOME: '/root', EMPTY: '' });
      expect(JSON.parse(ask('GET', '/env.json?HOME&NONE').body)).toEqual({ HOME: '/root', NONE: null });
    });

    it('is for any caller', () => {
      expect(ask('GET', '/env.json', remote)).toMatchObject({
        status: 200,
        headers: ['content-type', 'application/json'],
      });
    });

    it('refuses values, other methods and clients that want something else', () => {
      expect(ask('GET', '/env.json?A=b')).toMatchObject({ status: 400 });
      expect(ask('POST', '/env.json')).toMatchObject({ status: 405 });
      const html = { headers: ['accept', 'text/html'] };
      expect(ask('GET', '/env.json', html)).toMatchObject({ status: 406, body: 'application/json' });
      const any = { headers: ['accept', 'text/html, application/*;q=0.1'] };
      expect(ask('GET', '/env.json', any)).toMatchObject({ status: 200 });
    });
  });

  describe('/logs.json', () => {
    it('is for local callers, two methods and filters that can be read', () => {
      expect(ask('GET', '/logs.json?info', remote)).toMatchObject({ status: 403 });
      expect(ask('PUT', '/logs.json')).toMatchObject({
        status: 405,
        headers: ['allow', 'GET', 'allow', 'QUERY'],
      });
      expect(ask('GET', '/logs.json', { headers: ['accept', 'text/plain'] })).toMatchObject({ status: 406 });
      const bad = ask('GET', '/logs.json?=====');
      expect(bad).toMatchObject({ status: 400 });
      expect(JSON.parse(bad.body)).toMatchObject({ status: 400 });
      expect(process.readers.size).toBe(0);
    });
  });
});

describe('the admin port over HTTP/1', () => {
  function open(peerIp = '127.0.0.1'): FakeConnection {
    const connection = new FakeConnection();
    new Http1ServerConnection(connection, http1ServerOptions(), adminListener(process, peerIp));
    return connection;
  }

  it('answers', () => {
    const connection = open();
    connection.receive('GET /live HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(connection.written).toMatch(/^HTTP\/1\.1 200 OK\r\n.*content-length: 5\r\n.*\r\n\r\nlive\n$/s);
  });

  it('reads a body that comes in pieces', () => {
    const connection = open();
    connection.receive('PUT /proxy-log-level HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nde');
    expect(connection.written).toBe('');
    connection.receive('bug');
    expect(connection.written).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
    expect(process.filter).toBe('debug');
  });

  it('does not read a body without end', () => {
    const connection = open();
    connection.receive('PUT /proxy-log-level HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n');
    for (let i = 0; i < 5; i++) connection.receive(Buffer.alloc(16 * 1024));
    expect(connection.written).toMatch(/^HTTP\/1\.1 413 .*connection: close/s);
    expect(connection.ended).toBe(true);
  });

  it('compresses metrics on the way', async () => {
    const connection = open();
    connection.receive('GET /metrics HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n');
    while (connection.written === '') await new Promise((resolve) => setImmediate(resolve));
    const [head, body] = connection.written.split('\r\n\r\n');
    expect(head).toContain('content-encoding: gzip');
    expect(gunzipSync(Buffer.from(body, 'latin1')).toString()).toBe('request_total 1\n');
  });

  it('streams log records until the client leaves', () => {
    const connection = open();
    connection.receive('GET /logs.json?debug HTTP/1.1\r\nhost: a\r\n\r\n');
    expect(connection.takeWritten()).toMatch(/^HTTP\/1\.1 200 OK.*transfer-encoding: chunked/s);
    process.log('{"n":1}');
    expect(connection.takeWritten()).toBe('8\r\n{"n":1}\n\r\n');
    connection.receiveClose();
    expect(process.readers.size).toBe(0);
  });

  it('drops records for a client that does not read, and tells it how many', () => {
    const connection = open();
    connection.receive('QUERY /logs.json HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\ndebug');
    connection.takeWritten();
    connection.room = false;
    for (let i = 0; i < 600; i++) process.log(`{"n":${i}}`);
    expect(connection.takeWritten()).toContain('{"n":0}');
    connection.room = true;
    connection.receiveDrain();
    const lines = connection.takeWritten().match(/\{.*\}/g) ?? [];
    expect(lines).toHaveLength(513);
    expect(lines[511]).toBe('{"n":512}');
    expect(lines[512]).toBe('{"dropped_events":87}');
  });
});
