import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type MemoryConnection, memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { ErrorCode } from './error-code.ts';
import { type HeardRequest, hearing, responseHead } from './exchange.builder.ts';
import { Flag, FrameType } from './frame.ts';
import {
  clientHello,
  dataFrame,
  frame,
  getRequest,
  goawayFrame,
  headersFrame,
  literalBlock,
  pingFrame,
  postRequest,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from './frames.builder.ts';
import type { Http2Offence } from './http2-error.ts';
import type { Http2Options } from './options.ts';
import { RawPeer, settle } from './raw-peer.builder.ts';
import { Http2ServerConnection } from './server-connection.ts';
import { Setting } from './settings.ts';

interface Setup {
  readonly server: Http2ServerConnection;
  readonly connection: MemoryConnection;
  readonly peer: RawPeer;
  readonly requests: HeardRequest[];
  readonly offences: Http2Offence[];
  readonly closedWith: (Error | null)[];
}

async function connected(
  options: Partial<Http2Options> = {},
  answer: ((request: HeardRequest) => void) | null = null,
  settings: readonly number[] = [],
): Promise<Setup> {
  const [left, right] = memoryConnectionPair();
  const requests: HeardRequest[] = [];
  const offences: Http2Offence[] = [];
  const closedWith: (Error | null)[] = [];
  const onOffence = (offence: Http2Offence) => offences.push(offence);
  const server = new Http2ServerConnection(right, { onOffence, ...options }, hearing(requests, answer));
  server.onClosed = (error) => closedWith.push(error);
  const peer = new RawPeer(left);
  await peer.send(clientHello(settings));
  return { server, connection: right, peer, requests, offences, closedWith };
}

const hello = (request: HeardRequest) => request.answer('hello', { headers: ['content-type', 'text/plain'] });

afterEach(() => {
  jest.useRealTimers();
});

describe('an HTTP/2 server connection', () => {
  it('says its settings and widens the window of the connection', async () => {
    const { peer } = await connected({ maxConcurrentStreams: 7 });
    const [settings] = peer.seen(FrameType.Settings);
    const entries = new Map<number, number>();
    for (let at = 0; at < settings!.payload.length; at += 6) {
      entries.set(settings!.payload.readUInt16BE(at), settings!.payload.readUInt32BE(at + 2));
    }
    expect(entries.get(Setting.MaxConcurrentStreams)).toBe(7);
    expect(entries.get(Setting.InitialWindowSize)).toBe(65_535);
    expect(entries.get(Setting.MaxHeaderListSize)).toBe(16_384);
    expect(peer.seen(FrameType.WindowUpdate, 0)[0]!.payload.readUInt32BE(0)).toBe(1024 * 1024 - 65_535);
    expect(peer.seen(FrameType.Settings)[1]!.flags).toBe(Flag.Ack);
  });

  it('widens its windows when told to adapt them and a client fills them', async () => {
    const fixed = await connected({ streamWindow: 65_535 });
    await fixed.peer.send(headersFrame(1, postRequest, false), dataFrame(1, Buffer.alloc(16_384)));
    expect(fixed.peer.seen(FrameType.Ping)).toEqual([]);
    const { peer } = await connected({
      ...{ adaptiveWindows: true, streamWindow: 65_535, connectionWindow: 65_535 },
    });
    const chunk = dataFrame(1, Buffer.alloc(16_384));
    await peer.send(headersFrame(1, postRequest, false), chunk, chunk, chunk);
    const [probe] = peer.seen(FrameType.Ping);
    await peer.send(pingFrame(probe?.payload.toString('latin1'), true));
    const told = peer.seen(FrameType.Settings).at(-1)?.payload;
    expect([told?.readUInt16BE(0), told?.readUInt32BE(2)]).toEqual([Setting.InitialWindowSize, 98_304]);
    expect(peer.seen(FrameType.WindowUpdate, 0).at(-1)?.payload.readUInt32BE(0)).toBe(98_304 - 65_535);
    await peer.send(settingsFrame(), chunk, chunk, chunk, chunk, chunk);
    expect([peer.goawayCode, peer.resetCode(1)]).toEqual([undefined, undefined]);
  });

  it('goes on where detection stopped reading', async () => {
    const [left, right] = memoryConnectionPair();
    const requests: HeardRequest[] = [];
    const bytes = Buffer.concat([clientHello(), headersFrame(1, getRequest)]);
    new Http2ServerConnection(right, {}, hearing(requests, hello), bytes.subarray(0, 30));
    const peer = new RawPeer(left);
    await peer.send(bytes.subarray(30));
    expect(peer.body(1)).toBe('hello');
  });

  it('reads a request and writes its answer', async () => {
    const { peer, requests } = await connected({}, hello);
    await peer.send(headersFrame(1, [...getRequest, 'accept', '*/*', 'cookie', 'a=1', 'cookie', 'b=2']));
    expect(requests[0]!.head).toEqual({
      method: 'GET',
      path: '/',
      scheme: 'http',
      authority: 'web',
      version: '2',
      form: 'origin',
      headers: ['accept', '*/*', 'cookie', 'a=1; b=2'],
      contentLength: -1,
      wantsUpgrade: false,
    });
    expect(requests[0]!.ended).toBe(true);
    expect(peer.seen(FrameType.Headers, 1)[0]!.fields).toEqual([
      ':status',
      '200',
      'content-type',
      'text/plain',
    ]);
    expect(peer.seen(FrameType.Data, 1)).toMatchObject([{ flags: Flag.EndStream }]);
    expect(peer.body(1)).toBe('hello');
  });

  it('reads body and trailers, and writes trailers', async () => {
    const { peer, requests } = await connected({}, (request) =>
      request.answer('x', {}, ['grpc-status', '0']),
    );
    await peer.send(
      headersFrame(1, postRequest, false),
      dataFrame(1, 'ab'),
      dataFrame(1, 'cd'),
      headersFrame(1, ['x-sum', '2', 'content-length', '9']),
    );
    expect(requests[0]!.body).toBe('abcd');
    expect(requests[0]!.trailers).toEqual(['x-sum', '2']);
    const [, trailers] = peer.seen(FrameType.Headers, 1);
    expect(trailers!.fields).toEqual(['grpc-status', '0']);
    expect(trailers!.flags & Flag.EndStream).toBe(Flag.EndStream);
  });

  it('writes informational answers before the final one', async () => {
    const { peer } = await connected({}, (request) => {
      request.stream.writeInformational(responseHead({ status: 103, headers: ['link', '</a>'] }));
      request.answer();
    });
    await peer.send(headersFrame(1, getRequest));
    const heads = peer.seen(FrameType.Headers, 1);
    expect(heads.map((head) => head.fields[1])).toEqual(['103', '200']);
    expect(heads[1]!.flags & Flag.EndStream).toBe(Flag.EndStream);
  });

  it('reads padded frames and header blocks in several frames', async () => {
    const { peer, requests } = await connected();
    const block = literalBlock(postRequest);
    await peer.send(
      frame(
        FrameType.Headers,
        Flag.Padded,
        1,
        Buffer.concat([Buffer.from([3]), block.subarray(0, 5), Buffer.alloc(3)]),
      ),
      frame(FrameType.Continuation, 0, 1, block.subarray(5, 9)),
      frame(FrameType.Continuation, Flag.EndHeaders, 1, block.subarray(9)),
      frame(FrameType.Data, Flag.Padded | Flag.EndStream, 1, [2, 0x61, 0x62, 0, 0]),
    );
    expect(requests[0]!.head.method).toBe('POST');
    expect(requests[0]!.body).toBe('ab');
    expect(requests[0]!.ended).toBe(true);
  });

  it('answers PING with the same bytes', async () => {
    const { peer } = await connected();
    await peer.send(pingFrame('12345678'));
    expect(peer.seen(FrameType.Ping)).toMatchObject([{ flags: Flag.Ack, payload: Buffer.from('12345678') }]);
  });

  it('splits long header lists over CONTINUATION frames', async () => {
    const value = '~'.repeat(20_000);
    const { peer } = await connected({}, (request) => request.answer('', { headers: ['x-long', value] }));
    await peer.send(headersFrame(1, getRequest));
    const [head] = peer.seen(FrameType.Headers, 1);
    expect(head!.flags & Flag.EndHeaders).toBe(0);
    expect(peer.seen(FrameType.Continuation, 1)).toHaveLength(1);
  });

  it('tells the handler when the peer resets, and sends nothing after', async () => {
    const { peer, requests } = await connected();
    await peer.send(headersFrame(1, getRequest), resetFrame(1, ErrorCode.Cancel));
    expect(requests[0]!.reset).toEqual({ kind: 'reset', code: ErrorCode.Cancel });
    requests[0]!.answer('late');
    await settle();
    expect(peer.seen(FrameType.Headers)).toEqual([]);
  });

  it('passes on resets with their code', async () => {
    const { peer, requests } = await connected();
    await peer.send(headersFrame(1, getRequest));
    requests[0]!.stream.reset({ kind: 'reset', code: ErrorCode.EnhanceYourCalm });
    await settle();
    expect(peer.resetCode(1)).toBe(ErrorCode.EnhanceYourCalm);
  });

  it('takes in silence what was under way for a stream it has reset', async () => {
    const { peer, requests } = await connected();
    await peer.send(headersFrame(1, postRequest, false));
    requests[0]!.stream.reset({ kind: 'reset', code: ErrorCode.Cancel });
    await peer.send(dataFrame(1, 'late'), headersFrame(1, ['x', 'y']), headersFrame(3, getRequest));
    expect(requests).toHaveLength(2);
    expect(peer.goawayCode).toBeUndefined();
  });

  it('tells handlers when the connection breaks', async () => {
    const { peer, requests, closedWith } = await connected();
    await peer.send(headersFrame(1, getRequest));
    peer.connection.destroy();
    await settle();
    expect(requests[0]!.reset).toMatchObject({ kind: 'io' });
    expect(closedWith).toHaveLength(1);
  });
});

describe('flow control of a server connection', () => {
  it('sends no more than the windows allow, and the rest when they open', async () => {
    const { peer, requests } = await connected({}, null, [Setting.InitialWindowSize, 10]);
    await peer.send(headersFrame(1, getRequest));
    const { stream } = requests[0]!;
    stream.writeHead(responseHead(), false);
    expect(stream.writeData(Buffer.from('0123456789abcdef'))).toBe(false);
    stream.end(null);
    await settle();
    expect(peer.body(1)).toBe('0123456789');
    await peer.send(windowUpdateFrame(1, 100));
    expect(peer.body(1)).toBe('0123456789abcdef');
    expect(peer.seen(FrameType.Data, 1).at(-1)!.flags).toBe(Flag.EndStream);
    expect(requests[0]!.drains).toBe(1);
  });

  it('lets a changed initial window count for open streams, below zero too', async () => {
    const { peer, requests } = await connected({}, null, [Setting.InitialWindowSize, 4]);
    await peer.send(headersFrame(1, getRequest));
    requests[0]!.stream.writeHead(responseHead(), false);
    requests[0]!.stream.writeData(Buffer.from('abcdefgh'));
    await settle();
    await peer.send(settingsFrame([Setting.InitialWindowSize, 1]));
    await peer.send(windowUpdateFrame(1, 3));
    expect(peer.body(1)).toBe('abcd');
    await peer.send(windowUpdateFrame(1, 2));
    expect(peer.body(1)).toBe('abcdef');
  });

  it('lets streams that wait for the connection take turns', async () => {
    const { peer, requests } = await connected({}, null, [Setting.InitialWindowSize, 1_000_000]);
    await peer.send(headersFrame(1, getRequest), headersFrame(3, getRequest), headersFrame(5, getRequest));
    for (const { stream } of requests) stream.writeHead(responseHead(), false);
    requests[0]!.stream.writeData(Buffer.alloc(65_535, 'x'));
    for (const { stream } of requests) stream.writeData(Buffer.alloc(80_000, 'y'));
    await settle();
    const before = peer.seen(FrameType.Data).length;
    await peer.send(windowUpdateFrame(0, 220_000));
    const order = peer.seen(FrameType.Data).slice(before);
    const turns = order.map((each) => each.streamId).filter((id, i, ids) => id !== ids[i - 1]);
    expect(turns).toEqual([1, 3, 5, 1, 3]);
    expect(order.reduce((sum, each) => sum + each.payload.length, 0)).toBe(220_000);
  });

  it('opens its windows when half is used, that of a paused stream not', async () => {
    const { peer, requests } = await connected({ connectionWindow: 65_536, streamWindow: 65_535 });
    await peer.send(headersFrame(1, postRequest, false));
    requests[0]!.stream.pauseRequest();
    for (let i = 0; i < 4; i++) await peer.send(dataFrame(1, Buffer.alloc(10_000)));
    expect(peer.seen(FrameType.WindowUpdate, 1)).toEqual([]);
    expect(peer.seen(FrameType.WindowUpdate, 0).at(-1)!.payload.readUInt32BE(0)).toBe(40_000);
    requests[0]!.stream.resumeRequest();
    await settle();
    expect(peer.seen(FrameType.WindowUpdate, 1)[0]!.payload.readUInt32BE(0)).toBe(40_000);
  });

  it('refuses more than a stream window holds', async () => {
    const { peer, requests, offences } = await connected({ streamWindow: 65_535 });
    await peer.send(headersFrame(1, postRequest, false));
    requests[0]!.stream.pauseRequest();
    for (let i = 0; i < 7; i++) await peer.send(dataFrame(1, Buffer.alloc(10_000)));
    expect(peer.resetCode(1)).toBe(ErrorCode.FlowControlError);
    expect(requests[0]!.reset).toMatchObject({ kind: 'protocol' });
    expect(offences).toEqual(['flow_control']);
  });

  it('asks writers to wait while the connection is blocked, and calls them in turn', async () => {
    const settings = [Setting.InitialWindowSize, 10_000_000];
    const { peer, connection, requests } = await connected({ blockedAbove: 90_000 }, null, settings);
    await peer.send(windowUpdateFrame(0, 10_000_000));
    await peer.send(headersFrame(1, getRequest), headersFrame(3, getRequest));
    connection.stalled = true;
    const [first, second] = requests;
    for (const { stream } of requests) stream.writeHead(responseHead(), false);
    expect(first!.stream.writeData(Buffer.alloc(100_000, 'a'))).toBe(false);
    expect(second!.stream.writeData(Buffer.alloc(100_000, 'b'))).toBe(false);
    const drained: number[] = [];
    first!.onDrain = () => drained.push(1);
    second!.onDrain = () => drained.push(3);
    await settle();
    expect(drained).toEqual([]);
    connection.release();
    await settle(30);
    expect(drained).toEqual([1, 3]);
    expect(peer.body(3)).toHaveLength(100_000);
  });

  it('joins tiny chunks that have to wait', async () => {
    const { peer, requests } = await connected({}, null, [Setting.InitialWindowSize, 0]);
    await peer.send(headersFrame(1, getRequest));
    requests[0]!.stream.writeHead(responseHead(), false);
    for (let i = 0; i < 5000; i++) requests[0]!.stream.writeData(Buffer.from([0x61 + (i % 26)]));
    await peer.send(windowUpdateFrame(1, 5000));
    expect(peer.seen(FrameType.Data, 1)).toHaveLength(2);
    expect(peer.body(1)).toHaveLength(5000);
    expect(peer.body(1).slice(4095, 4098)).toBe('nop');
  });
});

describe('malformed requests', () => {
  const without = (name: string) => {
    const at = getRequest.indexOf(name);
    return [...getRequest.slice(0, at), ...getRequest.slice(at + 2)];
  };
  const withPath = (path: string) => [
    ':method',
    'GET',
    ':scheme',
    'http',
    ':path',
    path,
    ':authority',
    'web',
  ];

  it.each<[string, string[]]>([
    ['no method', without(':method')],
    ['no scheme', without(':scheme')],
    ['no path', without(':path')],
    ['an empty path', withPath('')],
    ['a path without slash', withPath('x')],
    ['a path with a space', withPath('/a b')],
    ['a path with a line break', withPath('/a\r\nx: y')],
    ['a path with a fragment', withPath('/a#b')],
    ['* without OPTIONS', withPath('*')],
    ['two methods', [':method', 'GET', ...getRequest]],
    ['two paths', [':path', '/', ...getRequest]],
    ['a method with a space', [':method', 'GET /x', ...without(':method')]],
    ['a status', [...getRequest, ':status', '200']],
    ['an unknown pseudo-header', [':protocol', 'websocket', ...getRequest]],
    ['a pseudo-header after a field', ['accept', '*/*', ...getRequest]],
    ['an upper-case name', [...getRequest, 'Accept', '*/*']],
    ['an empty name', [...getRequest, '', 'x']],
    ['a name with a space', [...getRequest, 'a b', 'x']],
    ['a name with a colon', [...getRequest, 'a:b', 'x']],
    ['a value with CR', [...getRequest, 'a', 'x\ry']],
    ['a value with LF', [...getRequest, 'a', 'x\ny']],
    ['a value with NUL', [...getRequest, 'a', 'x\0y']],
    ['a value with blanks around it', [...getRequest, 'a', ' x']],
    ['connection', [...getRequest, 'connection', 'close']],
    ['transfer-encoding', [...getRequest, 'transfer-encoding', 'chunked']],
    ['upgrade', [...getRequest, 'upgrade', 'h2c']],
    ['keep-alive', [...getRequest, 'keep-alive', '5']],
    ['proxy-connection', [...getRequest, 'proxy-connection', 'close']],
    ['te other than trailers', [...getRequest, 'te', 'gzip']],
    ['two lengths', [...getRequest, 'content-length', '0', 'content-length', '0']],
    ['a length that is no number', [...getRequest, 'content-length', '+1']],
    ['a length with a list', [...getRequest, 'content-length', '1, 1']],
    ['a length without a body', [...getRequest, 'content-length', '1']],
    ['another host than authority', [...getRequest, 'host', 'elsewhere']],
    ['two hosts', [...getRequest, 'host', 'web', 'host', 'web']],
    ['user information', [...without(':authority').slice(0, 6), ':authority', 'me@web']],
    ['CONNECT with a path', [':method', 'CONNECT', ':path', '/', ':authority', 'web:443']],
    ['CONNECT without authority', [':method', 'CONNECT']],
  ])('%s: the stream is reset and nobody hears of it', async (_what, fields) => {
    const { peer, requests, offences } = await connected({}, hello);
    await peer.send(headersFrame(1, fields));
    expect(peer.resetCode(1)).toBe(ErrorCode.ProtocolError);
    expect(requests).toEqual([]);
    expect(offences).toEqual(['malformed_message']);
    await peer.send(headersFrame(3, getRequest));
    expect(peer.body(3)).toBe('hello');
  });

  it.each<[string, string[]]>([
    ['te: trailers', [...getRequest, 'te', 'trailers']],
    ['a host like the authority', [...getRequest, 'host', 'WEB:80']],
    ['no authority', without(':authority')],
    ['OPTIONS *', [':method', 'OPTIONS', ':scheme', 'http', ':path', '*', ':authority', 'web']],
    ['CONNECT', [':method', 'CONNECT', ':authority', 'web:443']],
    ['prototype names', [...getRequest, '__proto__', 'x', 'constructor', 'y']],
  ])('%s is fine', async (_what, fields) => {
    const { peer, requests } = await connected({}, hello);
    await peer.send(headersFrame(1, fields));
    expect(requests).toHaveLength(1);
    expect(peer.body(1)).toBe('hello');
  });

  it.each<[string, Buffer[]]>([
    ['more data than announced', [dataFrame(1, 'abcd')]],
    ['less data than announced', [dataFrame(1, 'ab', true)]],
    ['trailers before all data', [dataFrame(1, 'ab'), headersFrame(1, ['x', 'y'])]],
    ['trailers with a pseudo-header', [dataFrame(1, 'abc'), headersFrame(1, [':path', '/'])]],
    ['trailers that do not end the stream', [dataFrame(1, 'abc'), headersFrame(1, ['x', 'y'], false)]],
  ])('%s: the request never ends', async (_what, frames) => {
    const { peer, requests } = await connected();
    await peer.send(headersFrame(1, [...postRequest, 'content-length', '3'], false), ...frames);
    expect(peer.resetCode(1)).toBe(ErrorCode.ProtocolError);
    expect(requests[0]!.reset).toMatchObject({ kind: 'protocol' });
    expect(requests[0]!.ended).toBe(false);
  });

  it('answers a header list above the limit with 431 and goes on', async () => {
    const { peer, requests, offences } = await connected({ maxHeaderListSize: 300 }, hello);
    await peer.send(headersFrame(1, [...getRequest, 'x-long', 'v'.repeat(300)]), headersFrame(3, getRequest));
    expect(peer.seen(FrameType.Headers, 1)[0]!.fields.slice(0, 2)).toEqual([':status', '431']);
    expect(requests).toHaveLength(1);
    expect(peer.body(3)).toBe('hello');
    expect(offences).toEqual(['header_list_too_large']);
  });
});

describe('the end of a server connection', () => {
  it('drains: announces the end, answers what is open and what was under way, then closes', async () => {
    const { server, peer, requests, closedWith } = await connected();
    await peer.send(headersFrame(1, getRequest));
    server.drain();
    await settle();
    expect(peer.seen(FrameType.Goaway)[0]!.payload.readUInt32BE(0)).toBe(0x7fff_ffff);
    await peer.send(headersFrame(3, getRequest));
    const [ping] = peer.seen(FrameType.Ping);
    await peer.send(pingFrame(ping!.payload.toString('latin1'), true));
    expect(peer.seen(FrameType.Goaway)[1]!.payload.readUInt32BE(0)).toBe(3);
    await peer.send(headersFrame(5, getRequest));
    expect(requests).toHaveLength(2);
    requests[0]!.answer('one');
    await settle();
    expect(peer.ended).toBe(false);
    requests[1]!.answer('three');
    await settle();
    expect([peer.body(1), peer.body(3)]).toEqual(['one', 'three']);
    expect(peer.ended).toBe(true);
    peer.connection.end();
    await settle();
    expect(closedWith).toEqual([null]);
  });

  it('drains without the acknowledgement of a peer that keeps silent', async () => {
    const { server, peer } = await connected({ lingerMs: 20 });
    server.drain();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(peer.seen(FrameType.Goaway)).toHaveLength(2);
    expect(peer.ended || peer.closed).toBe(true);
  });

  it('closes after an exchange that asks for it', async () => {
    const { peer } = await connected({}, (request) => {
      request.stream.closeAfter();
      request.answer('bye');
    });
    await peer.send(headersFrame(1, getRequest));
    expect(peer.body(1)).toBe('bye');
    expect(peer.seen(FrameType.Goaway)).toHaveLength(1);
  });

  it('lets a client that says GOAWAY finish', async () => {
    const { peer, requests } = await connected();
    await peer.send(headersFrame(1, getRequest), goawayFrame(0, ErrorCode.NoError));
    requests[0]!.answer('ok');
    await settle();
    expect(peer.body(1)).toBe('ok');
    expect(peer.ended).toBe(true);
  });

  it('asks a silent peer for a sign of life and gives it up', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    const keepAlive = { intervalMs: 10_000, timeoutMs: 3000, whileIdle: true };
    const { peer, closedWith, offences } = await connected({ keepAlive });
    await jest.advanceTimersByTimeAsync(10_000);
    await settle();
    await jest.advanceTimersByTimeAsync(10_000);
    await settle();
    expect(peer.seen(FrameType.Ping)).toHaveLength(1);
    const opaque = peer.seen(FrameType.Ping)[0]!.payload.toString('latin1');
    await peer.send(pingFrame(opaque, true));
    await jest.advanceTimersByTimeAsync(3000);
    expect(closedWith).toEqual([]);
    await jest.advanceTimersByTimeAsync(20_000);
    await settle();
    expect(closedWith).toHaveLength(1);
    expect(offences).toEqual(['keep_alive_timeout']);
  });

  it('leaves an idle peer alone unless told otherwise', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    const { peer } = await connected({ keepAlive: { intervalMs: 1000, timeoutMs: 500, whileIdle: false } });
    await jest.advanceTimersByTimeAsync(10_000);
    await settle();
    expect(peer.seen(FrameType.Ping)).toEqual([]);
  });
});
