import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RequestHead } from '../http/message.ts';
import type { Connection } from '../transport/connection.ts';
import { FakeConnection } from './fake-connection.builder.ts';
import { Http1Pool, type Http1PoolOptions } from './pool.ts';
import { RecordedResponse, requestHead } from './recording-response.builder.ts';

/** An endpoint: every connection the pool opens, in order. */
class Endpoint {
  readonly connections: FakeConnection[] = [];
  readonly pool: Http1Pool;
  readonly signals: AbortSignal[] = [];
  /** When set, connecting fails with it. */
  error: Error | null = null;
  /** While true, connecting takes until `accept`. */
  slow = false;
  #waiting: (() => void)[] = [];

  constructor(options: Http1PoolOptions = {}) {
    this.pool = new Http1Pool((signal) => this.#connect(signal), options);
  }

  get last(): FakeConnection {
    return this.connections[this.connections.length - 1];
  }

  accept(): void {
    for (const resolve of this.#waiting) resolve();
  }

  async send(method: string, path: string, more: Partial<RequestHead> = {}, ended = true): Promise<Sent> {
    const response = new RecordedResponse();
    const stream = this.pool.request(requestHead(method, path, more), ended, response);
    await settled();
    return { response, stream };
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    this.signals.push(signal);
    if (this.slow) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.error !== null) throw this.error;
    const connection = new FakeConnection();
    this.connections.push(connection);
    return connection;
  }
}

interface Sent {
  readonly response: RecordedResponse;
  readonly stream: ReturnType<Http1Pool['request']>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const ok = (body = '') => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('an answer', () => {
  const answers: [string, string, object][] = [
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello', { body: 'hello' }],
    [
      'chunks and trailers',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nx: y\r\n\r\n',
      { body: 'hello', trailers: ['x', 'y'] },
    ],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', { body: '' }],
    ['an empty body', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', { body: '' }],
    [
      'a forerunner',
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n',
      { informational: [expect.objectContaining({ status: 103 })] },
    ],
  ];

  it.each(answers)('with %s is heard the same wherever it is cut', async (_, bytes, heard) => {
    for (let cut = 0; cut < bytes.length; cut++) {
      const endpoint = new Endpoint();
      const { response } = await endpoint.send('GET', '/');
      if (cut > 0) endpoint.last.receive(bytes.slice(0, cut));
      expect(response.ended).toBe(false);
      endpoint.last.receive(bytes.slice(cut));
      expect(response).toMatchObject({ ended: true, reset: null, ...heard });
      expect(endpoint.pool.idle).toBe(1);
    }
  });

  it('without a length goes on until the endpoint closes', async () => {
    const endpoint = new Endpoint();
    const { response } = await endpoint.send('GET', '/');
    endpoint.last.receive('HTTP/1.1 200 OK\r\n\r\nuntil ');
    endpoint.last.receive('the end');
    expect(response.ended).toBe(false);
    endpoint.last.receiveEnd();
    expect(response).toMatchObject({ ended: true, body: 'until the end' });
    expect(endpoint.last.destroyed).toBe(true);
  });

  it('to HEAD has no body, whatever it announces', async () => {
    const endpoint = new Endpoint();
    const { response } = await endpoint.send('HEAD', '/');
    endpoint.last.receive('HTTP/1.1 200 OK\r\ncontent-length: 55\r\n\r\n');
    expect(response).toMatchObject({ ended: true, head: { contentLength: 55 } });
    expect(endpoint.pool.idle).toBe(1);
  });

  it.each([
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\nx: y\n\n',
    'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n',
    'SSH-2.0-OpenSSH_9.6\r\n',
  ])('that breaks the protocol is reported, and the connection dropped: %j', async (bytes) => {
    const endpoint = new Endpoint();
    const { response } = await endpoint.send('GET', '/');
    endpoint.last.receive(bytes);
    expect(response.reset).toMatchObject({ kind: 'protocol' });
    expect(endpoint.last.destroyed).toBe(true);
    expect(endpoint.pool.idle).toBe(0);
  });

  it('that is cut short is reported', async () => {
    for (const bytes of ['', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe']) {
      const endpoint = new Endpoint();
      const { response } = await endpoint.send('GET', '/');
      if (bytes !== '') endpoint.last.receive(bytes);
      endpoint.last.receiveEnd();
      expect(response.reset).toMatchObject({ kind: 'io', error: { code: 'closed-early' } });
    }
  });

  it('can be slowed down by its reader', async () => {
    const endpoint = new Endpoint();
    const { response, stream } = await endpoint.send('GET', '/');
    endpoint.last.receive('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe');
    stream.pauseResponse();
    expect(endpoint.last.paused).toBe(true);
    stream.resumeResponse();
    expect(endpoint.last.paused).toBe(false);
    stream.pauseResponse();
    endpoint.last.receive('llo');
    expect(response.ended).toBe(true);
    expect(endpoint.last.paused).toBe(false);
  });
});

describe('a request', () => {
  it('sends its body behind its head', async () => {
    const endpoint = new Endpoint();
    const headers = ['host', 'a', 'content-length', '6'];
    const { stream } = await endpoint.send('POST', '/', { headers }, false);
    expect(stream.writeData(Buffer.from('foobar'))).toBe(true);
    stream.end(null);
    expect(endpoint.last.written).toBe('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nfoobar');
  });

  it('keeps its body, and its writer waiting, until there is a connection', async () => {
    const endpoint = new Endpoint();
    endpoint.slow = true;
    const { response, stream } = await endpoint.send('POST', '/', {}, false);
    expect(stream.writeData(Buffer.from('foo'))).toBe(false);
    stream.end(['x', 'y']);
    endpoint.accept();
    await settled();
    expect(endpoint.last.written).toBe(
      'POST / HTTP/1.1\r\nhost: a.example\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfoo\r\n0\r\nx: y\r\n\r\n',
    );
    expect(response.drains).toBe(1);
  });

  it('asks its writer to wait, and tells it when to go on', async () => {
    const endpoint = new Endpoint();
    const { response, stream } = await endpoint.send('POST', '/', {}, false);
    endpoint.last.room = false;
    expect(stream.writeData(Buffer.from('x'))).toBe(false);
    endpoint.last.receiveDrain();
    endpoint.last.receiveDrain();
    expect(response.drains).toBe(1);
  });

  it('hears why there is no connection', async () => {
    const endpoint = new Endpoint();
    endpoint.error = new Error('connection refused');
    const { response } = await endpoint.send('GET', '/');
    expect(response.reset).toEqual({ kind: 'io', error: endpoint.error });
  });

  it('that is given up stops connecting, or destroys its connection, and hears no more', async () => {
    const endpoint = new Endpoint();
    endpoint.slow = true;
    const early = await endpoint.send('GET', '/');
    early.stream.reset({ kind: 'reset', code: 8 });
    expect(endpoint.signals[0].aborted).toBe(true);
    endpoint.accept();
    await settled();
    expect(endpoint.last.destroyed).toBe(true);

    endpoint.slow = false;
    const late = await endpoint.send('GET', '/');
    late.stream.reset({ kind: 'reset', code: 8 });
    await settled();
    expect(endpoint.last.destroyed).toBe(true);
    expect([early.response.over, late.response.over]).toEqual([false, false]);
  });

  it('that cannot be written is reported after it was begun, and nothing is sent', async () => {
    const endpoint = new Endpoint();
    const { response } = await endpoint.send('GET', '/a b');
    expect(response.reset).toMatchObject({ kind: 'io', error: { code: 'unwritable' } });
    expect(endpoint.connections).toHaveLength(0);
  });

  it.each<[string, (stream: Sent['stream']) => void]>([
    ['longer', (stream) => stream.writeData(Buffer.from('abcd'))],
    ['shorter', (stream) => stream.end(null)],
  ])('with a body %s than announced is cut', async (_, write) => {
    const endpoint = new Endpoint();
    const headers = ['host', 'a', 'content-length', '3'];
    const { response, stream } = await endpoint.send('POST', '/', { headers }, false);
    write(stream);
    expect(response.reset).toMatchObject({ kind: 'io', error: { code: 'unwritable' } });
    expect(endpoint.last.destroyed).toBe(true);
  });

  it('answered before its end gives up its connection, and the rest goes nowhere', async () => {
    const endpoint = new Endpoint();
    const { response, stream } = await endpoint.send('POST', '/', {}, false);
    endpoint.last.receive(ok('early'));
    expect(response).toMatchObject({ ended: true, body: 'early' });
    expect(endpoint.last.destroyed).toBe(true);
    expect(stream.writeData(Buffer.from('x'))).toBe(true);
    stream.end(null);
    stream.reset({ kind: 'reset', code: 8 });
    expect(response.reset).toBeNull();
  });
});

describe('connections', () => {
  /** Sends a request and answers it; returns how many connections there have been. */
  async function exchange(endpoint: Endpoint, more: Partial<RequestHead> = {}, answer = ok('x')) {
    const used = endpoint.connections.length;
    const { response } = await endpoint.send('GET', '/', more);
    const busy = endpoint.connections.find((connection) => connection.takeWritten() !== '');
    busy?.receive(answer);
    expect(response.ended).toBe(true);
    return endpoint.connections.length - used;
  }

  it('serve one request after the other', async () => {
    const endpoint = new Endpoint();
    expect(await exchange(endpoint)).toBe(1);
    expect(await exchange(endpoint)).toBe(0);
    expect(await exchange(endpoint)).toBe(0);
  });

  it('are used again before the answer has been heard to its end', async () => {
    const endpoint = new Endpoint();
    const second = new RecordedResponse();
    class Next extends RecordedResponse {
      override onResponseEnd(trailers: string[] | null): void {
        super.onResponseEnd(trailers);
        endpoint.pool.request(requestHead('GET', '/2'), true, second);
      }
    }
    endpoint.pool.request(requestHead('GET', '/1'), true, new Next());
    await settled();
    endpoint.last.receive(ok('one'));
    endpoint.last.receive(ok('two'));
    expect(second.body).toBe('two');
    expect(endpoint.connections).toHaveLength(1);
  });

  it('are shared by requests to one host in one form', async () => {
    const endpoint = new Endpoint();
    const host = (name: string) => ({ headers: ['host', name] });
    const opened = [];
    for (const name of ['one', 'one', 'two', 'two', 'one']) opened.push(await exchange(endpoint, host(name)));
    expect(opened).toEqual([1, 0, 1, 0, 0]);
    expect(await exchange(endpoint, { ...host('one'), form: 'absolute', authority: 'one' })).toBe(1);
  });

  it.each<[string, Partial<RequestHead>]>([
    ['HTTP/1.0', { version: '1.0' }],
    ['requests without a host', { headers: [] }],
    ['requests with an empty host', { headers: ['host', ''] }],
    ['requests that may leave HTTP', { wantsUpgrade: true }],
  ])('are not shared by %s', async (_, more) => {
    const endpoint = new Endpoint();
    for (let i = 0; i < 3; i++) expect(await exchange(endpoint, more)).toBe(1);
    expect(endpoint.pool.idle).toBe(0);
    expect(endpoint.connections.every((connection) => connection.destroyed)).toBe(true);
  });

  it.each<[string, string]>([
    ['the endpoint says so', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'],
    ['HTTP/1.0 says nothing', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['something follows the answer', `${ok('x')}y`],
  ])('are closed when %s', async (_, answer) => {
    const endpoint = new Endpoint();
    expect(await exchange(endpoint, {}, answer)).toBe(1);
    expect(endpoint.last.destroyed).toBe(true);
    expect(await exchange(endpoint)).toBe(1);
  });

  it('used last are used first', async () => {
    const endpoint = new Endpoint();
    const first = await endpoint.send('GET', '/');
    const second = await endpoint.send('GET', '/');
    const [a, b] = endpoint.connections;
    b.receive(ok('b'));
    a.receive(ok('a'));
    expect([first.response.body, second.response.body]).toEqual(['a', 'b']);
    a.takeWritten();
    await endpoint.send('GET', '/');
    expect(a.written).not.toBe('');
  });

  it('idle for too long are closed', async () => {
    const endpoint = new Endpoint({ idleTimeoutMs: 500 });
    await endpoint.send('GET', '/');
    await endpoint.send('GET', '/');
    const [a, b] = endpoint.connections;
    a.receive(ok());
    jest.advanceTimersByTime(300);
    b.receive(ok());
    jest.advanceTimersByTime(200);
    expect([a.destroyed, b.destroyed]).toEqual([true, false]);
    jest.advanceTimersByTime(300);
    expect(b.destroyed).toBe(true);
    expect(endpoint.pool.idle).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('idle in too great a number are closed', async () => {
    const endpoint = new Endpoint({ maxIdle: 1 });
    await endpoint.send('GET', '/');
    await endpoint.send('GET', '/');
    for (const connection of endpoint.connections) connection.receive(ok());
    expect(endpoint.pool.idle).toBe(1);
    expect(endpoint.last.destroyed).toBe(true);
  });

  it.each<[string, (connection: FakeConnection) => void]>([
    ['ends', (connection) => connection.receiveEnd()],
    ['breaks', (connection) => connection.receiveClose(new Error('reset by peer'))],
    ['speaks unasked', (connection) => connection.receive('HTTP/1.1 408 Request Timeout\r\n\r\n')],
  ])('idle are dropped when the endpoint %s', async (_, leave) => {
    const endpoint = new Endpoint();
    await exchange(endpoint);
    leave(endpoint.last);
    expect(endpoint.pool.idle).toBe(0);
    expect(await exchange(endpoint)).toBe(1);
  });

  it('end with the pool, the busy ones after their exchange', async () => {
    const endpoint = new Endpoint();
    await exchange(endpoint);
    const busy = await endpoint.send('GET', '/');
    await endpoint.send('GET', '/');
    const [a, b] = endpoint.connections;
    b.receive(ok());
    endpoint.pool.close();
    expect([a.destroyed, b.destroyed]).toEqual([false, true]);
    a.receive(ok('done'));
    expect(busy.response.body).toBe('done');
    expect(a.destroyed).toBe(true);
    const late = await endpoint.send('GET', '/');
    expect(late.response.reset).toMatchObject({ kind: 'io', error: { code: 'pool-closed' } });
  });
});

describe('a request on a connection gone stale', () => {
  async function stale(method: string, ended = true) {
    const endpoint = new Endpoint();
    await endpoint.send('GET', '/');
    endpoint.last.receive(ok());
    const sent = await endpoint.send(method, '/again', {}, ended);
    expect(endpoint.connections).toHaveLength(1);
    return { endpoint, ...sent };
  }

  it('is sent once more on a fresh one', async () => {
    const { endpoint, response } = await stale('GET');
    endpoint.last.receiveEnd();
    await settled();
    expect(endpoint.connections).toHaveLength(2);
    expect(endpoint.last.written).toBe('GET /again HTTP/1.1\r\nhost: a.example\r\n\r\n');
    endpoint.last.receive(ok('yes'));
    expect(response).toMatchObject({ body: 'yes', reset: null });
  });

  it('is sent no third time', async () => {
    const { endpoint, response } = await stale('GET');
    endpoint.last.receiveEnd();
    await settled();
    endpoint.last.receiveEnd();
    await settled();
    expect(endpoint.connections).toHaveLength(2);
    expect(response.reset).toMatchObject({ kind: 'io' });
  });

  it('can be given up while it is sent once more', async () => {
    const { endpoint, response, stream } = await stale('GET');
    endpoint.slow = true;
    endpoint.last.receiveEnd();
    stream.reset({ kind: 'reset', code: 8 });
    endpoint.accept();
    await settled();
    expect(endpoint.last.destroyed).toBe(true);
    expect(response.over).toBe(false);
  });

  it('fails when it may have been carried out, or cannot be repeated', async () => {
    for (const [method, ended] of [
      ['POST', true],
      ['PATCH', true],
      ['PUT', false],
    ] as const) {
      const { endpoint, response } = await stale(method, ended);
      endpoint.last.receiveEnd();
      await settled();
      expect(endpoint.connections).toHaveLength(1);
      expect(response.reset).toMatchObject({ kind: 'io' });
    }
  });

  it('fails when something of an answer has come', async () => {
    const { endpoint, response } = await stale('GET');
    endpoint.last.receive('HTTP/1.1');
    endpoint.last.receiveEnd();
    await settled();
    expect(endpoint.connections).toHaveLength(1);
    expect(response.reset).toMatchObject({ kind: 'io' });
  });
});

describe('an upgrade', () => {
  it('gives the connection away with what came behind the head', async () => {
    const endpoint = new Endpoint();
    const headers = ['host', 'a', 'upgrade', 'chat', 'connection', 'upgrade'];
    const { response } = await endpoint.send('GET', '/', { headers, wantsUpgrade: true });
    endpoint.last.receive('HTTP/1.1 101 Switching Protocols\r\nupgrade: chat\r\n\r\nfirst words');
    expect(response.tunnel?.connection).toBe(endpoint.last);
    expect(response.tunnel?.initial.toString()).toBe('first words');
    expect(response.head).toMatchObject({ status: 101, headers: ['upgrade', 'chat'] });
    expect(endpoint.last.destroyed).toBe(false);
  });

  it('works for CONNECT, whose answer loses its framing', async () => {
    const endpoint = new Endpoint();
    const more = { form: 'authority', authority: 'b:443', path: '', wantsUpgrade: true } as const;
    const { response } = await endpoint.send('CONNECT', '', more);
    expect(endpoint.last.written).toMatch(/^CONNECT b:443 HTTP\/1\.1\r\n/);
    endpoint.last.receive(
      'HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\nx: y\r\n\r\n',
    );
    expect(response).toMatchObject({ head: { status: 200, headers: ['x', 'y'] }, tunnel: {} });
  });

  it('by CONNECT that is refused has an ordinary answer, framed without doubt', async () => {
    const more = { form: 'authority', authority: 'b:443', path: '', wantsUpgrade: true } as const;
    const endpoint = new Endpoint();
    const refused = await endpoint.send('CONNECT', '', more);
    endpoint.last.receive('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno');
    expect(refused.response).toMatchObject({ ended: true, body: 'no', tunnel: null });
    const doubtful = await endpoint.send('CONNECT', '', more);
    endpoint.last.receive(
      'HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    expect(doubtful.response.reset).toMatchObject({ kind: 'protocol' });
  });

  it('that is refused is an ordinary answer', async () => {
    const endpoint = new Endpoint();
    const { response } = await endpoint.send('GET', '/', { wantsUpgrade: true });
    endpoint.last.receive(ok('no'));
    expect(response).toMatchObject({ ended: true, body: 'no', tunnel: null });
  });
});
