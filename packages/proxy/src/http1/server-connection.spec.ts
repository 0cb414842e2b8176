import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FakeConnection } from './fake-connection.builder.ts';
import type { Offence } from './offence.ts';
import { type RecordedRequest, RecordingListener, responseHead } from './recording-listener.builder.ts';
import { Http1ServerConnection } from './server-connection.ts';
import { type Http1ServerSettings, http1ServerOptions } from './server-options.ts';

interface Opened {
  readonly connection: FakeConnection;
  readonly listener: RecordingListener;
  readonly server: Http1ServerConnection;
  readonly refused: [Offence, number][];
}

function open(
  onEnd?: (request: RecordedRequest) => void,
  settings: Http1ServerSettings = {},
  initial?: string,
): Opened {
  const connection = new FakeConnection();
  const listener = new RecordingListener(onEnd);
  const refused: [Offence, number][] = [];
  const options = http1ServerOptions({
    now: () => 0,
    onRefused: (offence, status) => refused.push([offence, status]),
    ...settings,
  });
  const bytes = initial === undefined ? undefined : Buffer.from(initial, 'latin1');
  const server = new Http1ServerConnection(connection, options, listener.listen, bytes);
  return { connection, listener, server, refused };
}

const get = (path: string, ...fields: string[]) =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const post = (path: string, body: string, ...fields: string[]) =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n${fields.map((f) => `${f}\r\n`).join('')}\r\n${body}`;
const chunked = (path: string, ...chunks: string[]) =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${chunks
    .map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    .join('')}0\r\n\r\n`;

const echo = (request: RecordedRequest) => request.answer(200, `${request.head.path}:${request.body}`);
const bodies = (written: string) => [...written.matchAll(/\r\n\r\n([^H]*)/g)].map((match) => match[1]);
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'performance'] });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a server connection', () => {
  const conversation = `${get('/1')}${post('/2', 'four')}${chunked('/3', 'sev', 'en..')}\r\n${get('/4')}`;
  const answers = ['/1:', '/2:four', '/3:seven..', '/4:'];

  it('answers pipelined requests in their order', () => {
    const { connection } = open(echo);
    connection.receive(conversation);
    expect(bodies(connection.written)).toEqual(answers);
    expect(connection.ended).toBe(false);
  });

  it('hears the same wherever what it receives is cut', () => {
    for (let cut = 1; cut < conversation.length; cut++) {
      const { connection } = open(echo);
      connection.receive(conversation.slice(0, cut));
      connection.receive(conversation.slice(cut));
      expect([cut, ...bodies(connection.written)]).toEqual([cut, ...answers]);
    }
  });

  it('hears the same byte by byte', () => {
    const { connection } = open(echo);
    for (const byte of conversation) connection.receive(byte);
    expect(bodies(connection.written)).toEqual(answers);
  });

  it('reads what was read before it was there', () => {
    const { connection } = open(echo, {}, conversation.slice(0, 70));
    connection.receive(conversation.slice(70));
    expect(bodies(connection.written)).toEqual(answers);
  });

  it('keeps the next request back while one is being answered, and stops reading beyond a bound', () => {
    const { connection, listener } = open(undefined, { maxHeldBytes: 100 });
    connection.receive(get('/1') + get('/2'));
    connection.receive(get('/3'));
    expect(listener.requests).toHaveLength(1);
    expect(connection.paused).toBe(false);
    connection.receive(get('/4') + get('/5'));
    expect(connection.paused).toBe(true);
    for (let i = 0; i < 5; i++) {
      expect(listener.requests).toHaveLength(i + 1);
      listener.last.answer(200, String(i));
    }
    expect(connection.paused).toBe(false);
    expect(bodies(connection.written)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('answers ten thousand pipelined requests without piling up calls', () => {
    const { connection, listener } = open((request) => request.answer(200, 'x'));
    connection.receive(get('/').repeat(10_000));
    expect(listener.requests).toHaveLength(10_000);
  });

  it('answers 408 when a head that has begun is late, and only then', () => {
    const { connection, refused } = open(echo, { headTimeoutMs: 1000 });
    jest.advanceTimersByTime(5000);
    connection.receive('GET /1 HTTP/1.1\r\nho');
    jest.advanceTimersByTime(900);
    connection.receive('st: a\r\n');
    jest.advanceTimersByTime(900);
    return settled().then(() => {
      expect(connection.takeWritten()).toMatch(/^HTTP\/1\.1 408 /);
      expect(refused).toEqual([['head-timeout', 408]]);
      expect(connection.ended).toBe(true);
    });
  });

  it('has patience with heads that come in pieces, each in time', async () => {
    const { connection, refused } = open(echo, { headTimeoutMs: 1000 });
    for (let i = 0; i < 3; i++) {
      connection.receive(`GET /${i} HTTP/1.1\r\nho`);
      jest.advanceTimersByTime(900);
      connection.receive('st: a\r\n\r\n');
      await settled();
    }
    jest.advanceTimersByTime(5000);
    await settled();
    expect(bodies(connection.written)).toEqual(['/0:', '/1:', '/2:']);
    expect(refused).toEqual([]);
  });

  it('passes a large body on as what was read, without copying it', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\n');
    const chunk = Buffer.from('foobar');
    connection.receive(chunk);
    expect(listener.last.chunks[0]).toBe(chunk);
    expect(listener.last.ended).toBe(true);
  });

  it('tells a bodiless request from one whose body is still to come', () => {
    const { connection, listener } = open();
    connection.receive(post('/', ''));
    expect(listener.last).toMatchObject({ ended: true, head: { contentLength: 0 } });
  });

  it('passes 1xx answers on, but not to HTTP/1.0', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n');
    listener.last.stream.writeInformational(responseHead(100));
    expect(connection.takeWritten()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    connection.receive('ok');
    listener.last.answer(200, 'done');
    expect(connection.takeWritten()).toContain('done');
    connection.receive('GET / HTTP/1.0\r\n\r\n');
    listener.last.stream.writeInformational(responseHead(103));
    expect(connection.takeWritten()).toBe('');
  });

  it('keeps no 1xx answers for a client that does not read', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    connection.writableLength = 1_000_000;
    listener.last.stream.writeInformational(responseHead(103));
    expect(connection.written).toBe('');
  });

  it('writes trailers behind chunks only', () => {
    const { connection, listener } = open();
    connection.receive(get('/') + get('/'));
    listener.last.stream.writeHead(responseHead(200), false);
    listener.last.stream.writeData(Buffer.from('b'));
    listener.last.stream.end(['x-sum', '42']);
    expect(connection.takeWritten()).toMatch(/\r\n\r\n1\r\nb\r\n0\r\nx-sum: 42\r\n\r\n$/);
    listener.last.stream.writeHead(responseHead(200, ['content-length', '1']), false);
    listener.last.stream.writeData(Buffer.from('b'));
    listener.last.stream.end(['x-sum', '42']);
    expect(connection.takeWritten()).toMatch(/\r\n\r\nb$/);
  });

  it('never writes an empty chunk, which would end the body', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    listener.last.stream.writeHead(responseHead(200), false);
    connection.takeWritten();
    listener.last.stream.writeData(Buffer.alloc(0));
    expect(connection.takeWritten()).toBe('');
  });

  it('writes no body to HEAD, whatever it is given', () => {
    const { connection, listener } = open();
    connection.receive('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n');
    listener.last.stream.writeHead(responseHead(200, ['content-length', '3']), false);
    listener.last.stream.writeData(Buffer.from('abc'));
    listener.last.stream.end(null);
    expect(connection.written).toMatch(/content-length: 3\r\n.*\r\n\r\n$/s);
    connection.takeWritten();
    connection.receive(get('/next'));
    listener.last.answer(200, 'x');
    expect(connection.takeWritten()).toContain('\r\n\r\nx');
  });

  it('asks the writer to wait, and tells it when to go on', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    const { stream } = listener.last;
    stream.writeHead(responseHead(200), false);
    connection.room = false;
    expect(stream.writeData(Buffer.from('x'))).toBe(false);
    connection.receiveDrain();
    connection.receiveDrain();
    expect(listener.last.drains).toBe(1);
  });

  it('pauses and resumes the socket for the body, and never leaves it paused behind', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab');
    listener.last.stream.pauseRequest();
    expect(connection.paused).toBe(true);
    listener.last.stream.resumeRequest();
    expect(connection.paused).toBe(false);
    listener.last.stream.pauseRequest();
    connection.receive('cd');
    expect(listener.last.ended).toBe(true);
    expect(connection.paused).toBe(false);
    listener.last.stream.pauseRequest();
    expect(connection.paused).toBe(false);
  });
});

describe('the end of a server connection', () => {
  it('comes after the answer when the client asked for it', () => {
    const { connection } = open(echo);
    connection.receive(get('/', 'connection: close') + get('/not-heard'));
    expect(bodies(connection.written)).toEqual(['/:']);
    expect(connection.written).toContain('connection: close\r\n');
    expect(connection.ended).toBe(true);
  });

  it('comes after the answer to HTTP/1.0, unless it asks for more and the length is known', () => {
    const closing = open(echo);
    closing.connection.receive('GET / HTTP/1.0\r\n\r\n');
    expect(closing.connection.ended).toBe(true);
    const keeping = open(echo);
    keeping.connection.receive('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    expect(keeping.connection.ended).toBe(false);
    expect(keeping.connection.written).toMatch(/^HTTP\/1\.0 200 OK\r\n.*connection: keep-alive\r\n/s);
  });

  it('ends a body of unknown length for HTTP/1.0', () => {
    const { connection, listener } = open();
    connection.receive('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n');
    listener.last.stream.writeHead(responseHead(200), false);
    listener.last.stream.writeData(Buffer.from('until the end'));
    listener.last.stream.end(null);
    expect(connection.written).toMatch(/\r\n\r\nuntil the end$/);
    expect(connection.ended).toBe(true);
  });

  it('comes after the answer when the answer asks for it', () => {
    for (const close of [
      (request: RecordedRequest) => request.stream.closeAfter(),
      (_: RecordedRequest) => {},
    ]) {
      const { connection, listener } = open();
      connection.receive(get('/'));
      close(listener.last);
      listener.last.answer(200, 'x', ['connection', 'close']);
      expect(connection.written.match(/connection: close/g)).toHaveLength(1);
      expect(connection.ended).toBe(true);
    }
  });

  it('does not wait for a client that keeps its side open', () => {
    const { connection } = open(echo);
    connection.receive(get('/', 'connection: close'));
    connection.receive('and so on');
    expect(connection.destroyed).toBe(false);
    jest.advanceTimersByTime(2000);
    expect(connection.destroyed).toBe(true);
  });

  it('comes at once when an idle connection drains', () => {
    const { connection, server } = open();
    server.drain();
    expect(connection.ended).toBe(true);
  });

  it('comes after the exchange when a busy connection drains', () => {
    const { connection, listener, server } = open();
    connection.receive(get('/') + get('/not-heard'));
    server.drain();
    expect(connection.ended).toBe(false);
    listener.last.answer(200, 'x');
    expect(connection.written).toContain('connection: close\r\n');
    expect(connection.ended).toBe(true);
    expect(listener.requests).toHaveLength(1);
  });

  it('is reported once', async () => {
    const { connection, server } = open();
    const onOver = jest.fn();
    server.onOver = onOver;
    connection.receiveClose(new Error('reset by peer'));
    connection.destroy();
    await settled();
    expect(onOver).toHaveBeenCalledTimes(1);
    expect(server.over).toBe(true);
  });

  it('is taken for giving up when the client ends its side unanswered', () => {
    for (const request of [get('/'), 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nab']) {
      const { connection, listener } = open();
      connection.receive(request);
      connection.receiveEnd();
      expect(listener.last.reset).toMatchObject({ kind: 'io' });
      expect(connection.destroyed).toBe(true);
    }
  });

  it('is orderly when the client ends its side between requests', () => {
    const { connection } = open(echo);
    connection.receive(get('/'));
    connection.receiveEnd();
    expect(connection.ended).toBe(true);
    expect(connection.destroyed).toBe(false);
  });

  it('reaches the request that is in progress', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    connection.receiveClose(new Error('reset by peer'));
    expect(listener.last.reset).toMatchObject({ kind: 'io', error: { message: 'reset by peer' } });
    listener.last.answer(200, 'too late');
    expect(connection.written).toBe('');
  });

  it('cuts a message that was given up, so that the client can tell', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    listener.last.stream.writeHead(responseHead(200, ['content-length', '9']), false);
    listener.last.stream.reset({ kind: 'reset', code: 2 });
    expect(connection.destroyed).toBe(true);
    expect(listener.last.reset).toBeNull();
  });

  it.each<[string, (request: RecordedRequest) => void]>([
    ['longer', ({ stream }) => stream.writeData(Buffer.from('abcd'))],
    ['shorter', ({ stream }) => stream.end(null)],
  ])('cuts a body that is %s than announced', (_, write) => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    listener.last.stream.writeHead(responseHead(200, ['content-length', '3']), false);
    connection.takeWritten();
    write(listener.last);
    expect(connection.takeWritten()).toBe('');
    expect(connection.destroyed).toBe(true);
  });

  it('answers 502 in place of a head that cannot be written', () => {
    const { connection, listener } = open();
    connection.receive(get('/'));
    listener.last.stream.writeHead(responseHead(200, ['x', 'a\r\nevil: 1']), true);
    expect(connection.written).toMatch(
      /^HTTP\/1\.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n/,
    );
    expect(connection.written).not.toContain('evil');
    expect(listener.last.reset).toMatchObject({ kind: 'protocol' });
  });
});

describe('an answer before the end of its request', () => {
  const head = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n';

  it('keeps the connection when the rest soon comes', () => {
    const { connection, listener } = open();
    connection.receive(head);
    listener.last.answer(413, 'no');
    connection.receive('x'.repeat(1000));
    expect(listener.last.ended).toBe(true);
    connection.receive(get('/next'));
    expect(listener.requests).toHaveLength(2);
  });

  it('ends the connection when there is too much of the rest', () => {
    const { connection, listener } = open(undefined, { maxBytesAfterAnswer: 500 });
    connection.receive(head);
    listener.last.answer(413, 'no');
    connection.receive('x'.repeat(501));
    expect(listener.last.reset).not.toBeNull();
    expect(connection.ended).toBe(true);
  });

  it('ends the connection at once when the client waits for a 100 that never comes', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n');
    listener.last.answer(417, 'no');
    expect(connection.written).toContain('connection: close\r\n');
    expect(connection.ended).toBe(true);
  });
});

describe('an upgrade', () => {
  const request = get('/chat', 'upgrade: chat', 'connection: upgrade');

  it('gives the connection away with what came behind the head', () => {
    const { connection, listener, server } = open();
    const onOver = jest.fn();
    server.onOver = onOver;
    connection.receive(`${request}first`);
    connection.receive(' words');
    const tunnel = listener.last.stream.acceptUpgrade(
      responseHead(101, ['upgrade', 'chat', 'connection', 'upgrade']),
    );
    expect(tunnel.connection).toBe(connection);
    expect(tunnel.initial.toString()).toBe('first words');
    expect(connection.written).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: chat\r\nconnection: upgrade\r\n\r\n',
    );
    expect(onOver).toHaveBeenCalledTimes(1);
  });

  it('leaves the socket running although the first words were many', () => {
    const { connection, listener } = open(undefined, { maxHeldBytes: 10 });
    connection.receive(`${request}many first words`);
    expect(connection.paused).toBe(true);
    listener.last.stream.acceptUpgrade(responseHead(101));
    expect(connection.paused).toBe(false);
  });

  it('that is refused is an ordinary exchange', () => {
    const { connection } = open(echo);
    connection.receive(request + get('/next'));
    expect(bodies(connection.written)).toEqual(['/chat:', '/next:']);
  });

  it('works for CONNECT', () => {
    const { connection, listener } = open();
    connection.receive('CONNECT b:443 HTTP/1.1\r\nhost: b:443\r\n\r\n\x16\x03');
    const tunnel = listener.last.stream.acceptUpgrade(responseHead(200, ['content-length', '0', 'x', 'y']));
    expect(connection.written).toBe('HTTP/1.1 200 OK\r\nx: y\r\n\r\n');
    expect([...tunnel.initial]).toEqual([0x16, 3]);
  });
});

describe('an offending client', () => {
  it('is answered and its connection closed; nothing after the offence is heard', () => {
    const { connection, listener, refused } = open(echo);
    connection.receive(`${get('/good')}GET / HTTP/1.1\r\nhost : a\r\n\r\n${get('/smuggled')}`);
    connection.receive(get('/smuggled'));
    expect(listener.requests).toHaveLength(1);
    expect(connection.written).toMatch(
      /HTTP\/1\.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: .*\r\n\r\n$/,
    );
    expect(connection.ended).toBe(true);
    expect(refused).toEqual([['space-before-colon', 400]]);
  });

  it('has its answer in order: not before that of the request it had sent in good order', () => {
    const { connection, listener } = open();
    connection.receive(`${get('/good')}BAD\r\n\r\n`);
    expect(connection.written).toBe('');
    listener.last.answer(200, 'good');
    expect(connection.written).toMatch(/^HTTP\/1\.1 200 OK.*HTTP\/1\.1 400 Bad Request/s);
  });

  it('may offend in the middle of a body', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n');
    expect(listener.last.body).toBe('abc');
    expect(listener.last.reset).toEqual({ kind: 'protocol', reason: 'chunk' });
    expect(connection.written).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('is cut off when its answer had begun', () => {
    const { connection, listener } = open();
    connection.receive('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    listener.last.stream.writeHead(responseHead(200), false);
    connection.takeWritten();
    connection.receive('nonsense');
    expect(connection.takeWritten()).toBe('');
    expect(connection.destroyed).toBe(true);
  });

  it('cannot make it hold a head without end', () => {
    const { connection, refused } = open();
    connection.receive('GET / HTTP/1.1\r\nhost: a\r\n');
    for (let i = 0; i < 100 && refused.length === 0; i++) connection.receive(`x: ${'y'.repeat(1000)}`);
    expect(refused).toEqual([['head-too-large', 431]]);
  });

  it('cannot make it scan the same bytes over and over', () => {
    const { connection, refused } = open();
    const started = performance.now();
    connection.receive('GET / HTTP/1.1\r\nhost: a\r\nx: ');
    for (let i = 0; i < 70_000 && refused.length === 0; i++) connection.receive('y');
    expect(refused).toEqual([['head-too-large', 431]]);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
