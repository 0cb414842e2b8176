import { describe, expect, it } from '@jest/globals';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { ErrorCode } from './error-code.ts';
import { type HeardRequest, hearing, responseHead } from './exchange.builder.ts';
import { Flag, FrameType } from './frame.ts';
import {
  clientHello,
  dataFrame,
  frame,
  getRequest,
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

const few = { burst: 20, perSecond: 0 };

async function attacked(
  options: Partial<Http2Options> = {},
  answer: ((request: HeardRequest) => void) | null = null,
) {
  const [left, right] = memoryConnectionPair({ highWaterMark: 16_384 });
  const requests: HeardRequest[] = [];
  const offences: Http2Offence[] = [];
  const given = { onOffence: (offence: Http2Offence) => offences.push(offence), ...options };
  const server = new Http2ServerConnection(right, given, hearing(requests, answer));
  const peer = new RawPeer(left);
  await peer.send(clientHello());
  return { server, connection: right, peer, requests, offences };
}

function repeat(count: number, make: (i: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));
}

describe('floods end a connection with ENHANCE_YOUR_CALM', () => {
  it.each<[string, Http2Offence, Partial<Http2Options>, () => Buffer]>([
    ['PING', 'control_flood', { controlFrames: few }, () => repeat(30, () => pingFrame())],
    ['SETTINGS', 'control_flood', { controlFrames: few }, () => repeat(30, () => settingsFrame())],
    [
      'PRIORITY',
      'control_flood',
      { controlFrames: few },
      () => repeat(30, (i) => frame(FrameType.Priority, 0, 2 * i + 1, [0, 0, 0, 0, 1])),
    ],
    [
      'unknown frames',
      'control_flood',
      { controlFrames: few },
      () => repeat(30, () => frame(0xbe, 0, 0, [1, 2, 3])),
    ],
    [
      'WINDOW_UPDATE',
      'control_flood',
      { controlFrames: few },
      () => repeat(30, () => windowUpdateFrame(0, 1)),
    ],
    [
      'empty DATA',
      'empty_data_flood',
      { emptyData: few },
      () => Buffer.concat([headersFrame(1, postRequest, false), repeat(30, () => dataFrame(1, ''))]),
    ],
    [
      'empty DATA with padding',
      'empty_data_flood',
      { emptyData: few },
      () =>
        Buffer.concat([
          headersFrame(1, postRequest, false),
          repeat(30, () => frame(FrameType.Data, Flag.Padded, 1, [3, 0, 0, 0])),
        ]),
    ],
    [
      'CONTINUATION',
      'continuation_flood',
      {},
      () =>
        Buffer.concat([
          frame(FrameType.Headers, 0, 1, literalBlock(getRequest)),
          repeat(30, () => frame(FrameType.Continuation, 0, 1)),
        ]),
    ],
    [
      'an endless header block',
      'header_block_too_large',
      {},
      () =>
        Buffer.concat([
          frame(FrameType.Headers, 0, 1, literalBlock(getRequest)),
          repeat(3, () => frame(FrameType.Continuation, 0, 1, Buffer.alloc(16_000))),
        ]),
    ],
    [
      'rapid reset',
      'rapid_reset',
      { resets: few },
      () => repeat(30, (i) => Buffer.concat([headersFrame(2 * i + 1, getRequest), resetFrame(2 * i + 1, 8)])),
    ],
    [
      'streams broken so that we reset them',
      'rapid_reset',
      { resets: few },
      () =>
        repeat(30, (i) =>
          Buffer.concat([headersFrame(2 * i + 1, getRequest), windowUpdateFrame(2 * i + 1, 0)]),
        ),
    ],
    [
      'malformed requests',
      'rapid_reset',
      { resets: few },
      () => repeat(30, (i) => headersFrame(2 * i + 1, [...getRequest, 'connection', 'close'])),
    ],
    [
      'streams above the limit',
      'too_many_streams',
      { resets: few, maxConcurrentStreams: 2 },
      () => repeat(40, (i) => headersFrame(2 * i + 1, getRequest)),
    ],
  ])('%s', async (_what, offence, options, attack) => {
    const { peer, requests, offences } = await attacked(options);
    await peer.send(attack());
    expect(peer.goawayCode).toBe(ErrorCode.EnhanceYourCalm);
    expect(offences.at(-1)).toBe(offence);
    expect(requests.every((request) => request.ended || request.reset !== null)).toBe(true);
    const heard = requests.length;
    await peer.send(headersFrame(999, getRequest));
    expect(requests).toHaveLength(heard);
  });

  it.each<[string, Buffer]>([
    ['a header block that never ends', frame(FrameType.Headers, 0, 1, literalBlock(getRequest))],
    ['half of a HEADERS frame', headersFrame(1, getRequest).subarray(0, 20)],
  ])('%s', async (_what, bytes) => {
    const { peer, offences } = await attacked({ headTimeoutMs: 10 });
    await peer.send(bytes);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await settle();
    expect(peer.goawayCode).toBe(ErrorCode.EnhanceYourCalm);
    expect(offences).toEqual(['header_block_late']);
  });

  it('a peer that asks and never reads', async () => {
    const headers = ['x-long', '~'.repeat(4000)];
    const { peer, connection, requests, offences } = await attacked({ maxQueuedBytes: 100_000 }, (request) =>
      request.answer('', { headers }),
    );
    connection.stalled = true;
    for (let i = 0; i < 60; i++) await peer.send(headersFrame(2 * i + 1, getRequest));
    expect(offences).toEqual(['write_queue_full']);
    expect(requests.length).toBeLessThan(60);
    expect(connection.writableLength).toBeLessThan(150_000);
  });
});

describe('traffic that only looks like a flood goes through', () => {
  it('window updates of a peer that is sent much', async () => {
    const { peer, requests } = await attacked({ controlFrames: few });
    await peer.send(headersFrame(1, getRequest));
    requests[0]!.stream.writeHead(responseHead(), false);
    for (let i = 0; i < 100; i++) {
      requests[0]!.stream.writeData(Buffer.alloc(4000));
      await peer.send(windowUpdateFrame(1, 4000), windowUpdateFrame(0, 4000));
    }
    expect(peer.goawayCode).toBeUndefined();
    expect(peer.body(1)).toHaveLength(400_000);
  });

  it('header blocks that are cut again and again, and come whole', async () => {
    const { peer, requests, offences } = await attacked({ headTimeoutMs: 20 });
    let unsent: Buffer = Buffer.alloc(0);
    for (let i = 0; i < 8; i++) {
      const next = headersFrame(2 * i + 1, getRequest);
      await peer.send(Buffer.concat([unsent, next.subarray(0, 15)]));
      unsent = next.subarray(15);
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
    await peer.send(unsent);
    expect(requests).toHaveLength(8);
    expect(offences).toEqual([]);
  });

  it('an answered request gives no reset to count', async () => {
    const { peer } = await attacked({ resets: few }, (request) => request.answer('x'));
    for (let i = 0; i < 60; i++)
      await peer.send(headersFrame(2 * i + 1, getRequest), resetFrame(2 * i + 1, 8));
    expect(peer.goawayCode).toBeUndefined();
  });

  it('a peer whose requests were answered may take back more at once than a new one', async () => {
    const resets = { initial: 5, burst: 40, perSecond: 0 };
    const takeBack = (from: number) =>
      repeat(30, (i) => {
        const id = from + 2 * i;
        return Buffer.concat([headersFrame(id, getRequest), resetFrame(id, 8)]);
      });
    const stranger = await attacked({ resets });
    await stranger.peer.send(takeBack(1));
    expect(stranger.peer.goawayCode).toBe(ErrorCode.EnhanceYourCalm);

    let answers = 0;
    const known = await attacked({ resets }, (request) => {
      if (answers++ < 50) request.answer('x');
    });
    await known.peer.send(repeat(50, (i) => headersFrame(2 * i + 1, getRequest)));
    await known.peer.send(takeBack(101));
    expect(known.peer.goawayCode).toBeUndefined();
  });
});

describe('broken frames end the connection', () => {
  it.each<[string, number, Buffer]>([
    [
      'a frame above the size limit',
      ErrorCode.FrameSizeError,
      frame(FrameType.Data, 0, 1, Buffer.alloc(16_385)),
    ],
    ['DATA on stream 0', ErrorCode.ProtocolError, dataFrame(0, 'x')],
    ['DATA on an idle stream', ErrorCode.ProtocolError, dataFrame(1, 'x')],
    ['HEADERS on stream 0', ErrorCode.ProtocolError, headersFrame(0, getRequest)],
    ['HEADERS on an even stream', ErrorCode.ProtocolError, headersFrame(2, getRequest)],
    ['HEADERS all padding', ErrorCode.ProtocolError, frame(FrameType.Headers, Flag.Padded | 4, 1, [9, 0x82])],
    ['RST_STREAM on an idle stream', ErrorCode.ProtocolError, resetFrame(1, 0)],
    ['RST_STREAM of 3 bytes', ErrorCode.FrameSizeError, frame(FrameType.RstStream, 0, 1, [0, 0, 0])],
    ['SETTINGS on a stream', ErrorCode.ProtocolError, frame(FrameType.Settings, 0, 1)],
    ['SETTINGS of 5 bytes', ErrorCode.FrameSizeError, frame(FrameType.Settings, 0, 0, [0, 0, 0, 0, 0])],
    ['push set to 2', ErrorCode.ProtocolError, settingsFrame([Setting.EnablePush, 2])],
    [
      'a window above 2^31-1',
      ErrorCode.FlowControlError,
      settingsFrame([Setting.InitialWindowSize, 2 ** 31]),
    ],
    ['a frame size below 16384', ErrorCode.ProtocolError, settingsFrame([Setting.MaxFrameSize, 16_383])],
    ['PING of 7 bytes', ErrorCode.FrameSizeError, frame(FrameType.Ping, 0, 0, Buffer.alloc(7))],
    ['PING on a stream', ErrorCode.ProtocolError, frame(FrameType.Ping, 0, 1, Buffer.alloc(8))],
    ['PUSH_PROMISE', ErrorCode.ProtocolError, frame(FrameType.PushPromise, 4, 1, Buffer.alloc(8))],
    ['a window update of 0', ErrorCode.ProtocolError, windowUpdateFrame(0, 0)],
    ['connection window overflow', ErrorCode.FlowControlError, windowUpdateFrame(0, 0x7fff_ffff)],
    ['CONTINUATION alone', ErrorCode.ProtocolError, frame(FrameType.Continuation, 4, 1)],
    ['a broken header block', ErrorCode.CompressionError, frame(FrameType.Headers, 5, 1, [0xff, 0xff])],
  ])('%s', async (_what, code, bytes) => {
    const { peer } = await attacked();
    await peer.send(bytes);
    expect(peer.goawayCode).toBe(code);
    expect(peer.ended || peer.closed).toBe(true);
  });

  it('a header block interrupted by another stream', async () => {
    const { peer, requests } = await attacked();
    await peer.send(frame(FrameType.Headers, 0, 1, literalBlock(getRequest)), headersFrame(3, getRequest));
    expect(peer.goawayCode).toBe(ErrorCode.ProtocolError);
    expect(requests).toEqual([]);
  });

  it('stream ids that do not rise', async () => {
    const { peer } = await attacked();
    await peer.send(headersFrame(5, getRequest), headersFrame(3, getRequest));
    expect(peer.goawayCode).toBe(ErrorCode.ProtocolError);
  });

  it('a stream window overflow ends the stream alone', async () => {
    const { peer, requests } = await attacked();
    await peer.send(
      headersFrame(1, getRequest),
      windowUpdateFrame(1, 0x7fff_ffff),
      headersFrame(3, getRequest),
    );
    expect(peer.resetCode(1)).toBe(ErrorCode.FlowControlError);
    expect(requests).toHaveLength(2);
    expect(peer.goawayCode).toBeUndefined();
  });

  it('HEADERS for a stream that both sides have ended', async () => {
    const { peer } = await attacked({}, (request) => request.answer('x'));
    await peer.send(headersFrame(1, getRequest));
    await peer.send(headersFrame(1, getRequest));
    expect(peer.goawayCode).toBe(ErrorCode.StreamClosed);
  });

  it('something else than the preface', async () => {
    const [left, right] = memoryConnectionPair();
    const server = new Http2ServerConnection(right, {}, hearing([]));
    const peer = new RawPeer(left);
    await peer.send(Buffer.from('GET / HTTP/1.1\r\nhost: web\r\n\r\n'));
    expect(server.closed).toBe(true);
    expect(peer.goawayCode).toBe(ErrorCode.ProtocolError);
  });

  it('a failure of our own takes one connection down, not the process', async () => {
    const [left, right] = memoryConnectionPair();
    const server = new Http2ServerConnection(right, {}, () => {
      throw new Error('bug');
    });
    const closedWith: (Error | null)[] = [];
    server.onClosed = (error) => closedWith.push(error);
    const peer = new RawPeer(left);
    await peer.send(clientHello(), headersFrame(1, getRequest));
    expect(peer.goawayCode).toBe(ErrorCode.InternalError);
    peer.connection.end();
    await settle();
    expect(closedWith[0]!.cause).toMatchObject({ message: 'bug' });
  });
});
