import { describe, expect, it } from '@jest/globals';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { Http2ClientConnection } from './client-connection.ts';
import { ErrorCode } from './error-code.ts';
import { HeardResponse, requestHead } from './exchange.builder.ts';
import { Flag, FrameType } from './frame.ts';
import {
  dataFrame,
  frame,
  goawayFrame,
  headersFrame,
  pingFrame,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from './frames.builder.ts';
import type { Http2Offence } from './http2-error.ts';
import type { Http2Options } from './options.ts';
import { RawPeer, settle } from './raw-peer.builder.ts';
import { Setting } from './settings.ts';

async function connected(options: Partial<Http2Options> = {}, settings: readonly number[] = []) {
  const [left, right] = memoryConnectionPair();
  const offences: Http2Offence[] = [];
  const client = new Http2ClientConnection(left, {
    onOffence: (offence) => offences.push(offence),
    ...options,
  });
  const closedWith: (Error | null)[] = [];
  client.onClosed = (error) => closedWith.push(error);
  const peer = new RawPeer(right, true);
  await peer.send(settingsFrame(settings));
  const ask = (overrides = {}, ended = true) => {
    const response = new HeardResponse();
    return { response, stream: client.request(requestHead(overrides), ended, response) };
  };
  return { client, peer, offences, closedWith, ask };
}

const refused = { kind: 'reset', code: ErrorCode.RefusedStream };

describe('an HTTP/2 client connection', () => {
  it('begins with preface and settings without push', async () => {
    const { peer } = await connected();
    const [settings] = peer.seen(FrameType.Settings);
    expect(settings!.payload.includes(Buffer.from([0, Setting.EnablePush, 0, 0, 0, 0]))).toBe(true);
  });

  it('sends a request and reads its answer', async () => {
    const { peer, ask } = await connected();
    const { response } = ask({ path: '/x', headers: ['accept', '*/*'] });
    await settle();
    const [head] = peer.seen(FrameType.Headers, 1);
    expect(head!.fields).toEqual([
      ...[':method', 'GET', ':scheme', 'http', ':path', '/x', ':authority', 'web', 'accept', '*/*'],
    ]);
    expect(head!.flags & Flag.EndStream).toBe(Flag.EndStream);
    await peer.send(
      headersFrame(1, [':status', '103', 'link', 'x'], false),
      headersFrame(1, [':status', '200', 'content-length', '2'], false),
      dataFrame(1, 'ok'),
      headersFrame(1, ['grpc-status', '0']),
    );
    expect(response.informational[0]!.status).toBe(103);
    expect(response.head).toEqual({
      status: 200,
      version: '2',
      headers: ['content-length', '2'],
      contentLength: 2,
    });
    expect(response.body).toBe('ok');
    expect(response.trailers).toEqual(['grpc-status', '0']);
  });

  it('sends body and trailers, and leaves out an authority that is not given', async () => {
    const { peer, ask } = await connected();
    const { stream } = ask({ method: 'POST', authority: undefined }, false);
    expect(stream.writeData(Buffer.from('abc'))).toBe(true);
    stream.end(['x-sum', '3']);
    await settle();
    const [head, trailers] = peer.seen(FrameType.Headers, 1);
    expect(head!.fields).toEqual([':method', 'POST', ':scheme', 'http', ':path', '/']);
    expect(peer.body(1)).toBe('abc');
    expect(trailers!.fields).toEqual(['x-sum', '3']);
  });

  it('counts no body against the length of an answer to HEAD, or of 304', async () => {
    const { peer, ask } = await connected();
    const first = ask({ method: 'HEAD' });
    const second = ask();
    await peer.send(
      headersFrame(1, [':status', '200', 'content-length', '10']),
      headersFrame(3, [':status', '304', 'content-length', '10']),
    );
    expect([first.response.ended, second.response.ended]).toEqual([true, true]);
  });

  it.each<[string, Buffer[]]>([
    ['no status', [headersFrame(1, ['a', 'b'])]],
    ['a status that is no number', [headersFrame(1, [':status', '2x0'])]],
    ['status 101', [headersFrame(1, [':status', '101'])]],
    ['a request pseudo-header', [headersFrame(1, [':status', '200', ':path', '/'])]],
    ['two lengths', [headersFrame(1, [':status', '200', 'content-length', '0', 'content-length', '0'])]],
    ['transfer-encoding', [headersFrame(1, [':status', '200', 'transfer-encoding', 'chunked'])]],
    ['an informational answer that ends', [headersFrame(1, [':status', '100'])]],
    ['less data than announced', [headersFrame(1, [':status', '200', 'content-length', '3'])]],
  ])('resets the stream of an answer with %s', async (_what, frames) => {
    const { peer, ask, offences } = await connected();
    const { response } = ask();
    await settle();
    await peer.send(...frames);
    expect(response.reset).toMatchObject({ kind: 'protocol' });
    expect(peer.resetCode(1)).toBe(ErrorCode.ProtocolError);
    expect(offences).toEqual(['malformed_message']);
  });

  it('passes on resets with their code, and sends its own', async () => {
    const { peer, ask } = await connected();
    const first = ask();
    const second = ask();
    await settle();
    second.stream.reset({ kind: 'io', error: new Error('caller gone') });
    await peer.send(resetFrame(1, ErrorCode.Cancel), headersFrame(3, [':status', '200']));
    expect(first.response.reset).toEqual({ kind: 'reset', code: ErrorCode.Cancel });
    expect(peer.resetCode(3)).toBe(ErrorCode.Cancel);
    expect(second.response.head).toBeNull();
  });

  it('lets an answer end while the request goes on', async () => {
    const { peer, ask } = await connected();
    const { response, stream } = ask({ method: 'POST' }, false);
    await settle();
    await peer.send(headersFrame(1, [':status', '413']));
    expect(response.ended).toBe(true);
    stream.writeData(Buffer.from('rest'));
    stream.end(null);
    await settle();
    expect(peer.body(1)).toBe('rest');
  });

  it('holds back what the peer does not let it send', async () => {
    const { peer, ask } = await connected({}, [Setting.InitialWindowSize, 4]);
    const { response, stream } = ask({ method: 'POST' }, false);
    expect(stream.writeData(Buffer.from('abcdef'))).toBe(true);
    expect(stream.writeData(Buffer.alloc(64 * 1024, 'g'))).toBe(false);
    await settle();
    expect(peer.body(1)).toBe('abcd');
    await peer.send(windowUpdateFrame(1, 10));
    expect(peer.body(1)).toBe('abcdefgggggggg');
    expect(response.drains).toBe(0);
    await peer.send(windowUpdateFrame(0, 64 * 1024), windowUpdateFrame(1, 64 * 1024));
    expect(peer.body(1)).toHaveLength(6 + 64 * 1024);
    expect(response.drains).toBe(1);
  });

  it('stops opening the window of a paused answer, and of no other', async () => {
    const { peer, ask } = await connected();
    const first = ask();
    const second = ask();
    await settle();
    first.stream.pauseResponse();
    await peer.send(headersFrame(1, [':status', '200'], false), headersFrame(3, [':status', '200'], false));
    for (let i = 0; i < 4; i++)
      await peer.send(dataFrame(1, 'x'.repeat(10_000)), dataFrame(3, 'x'.repeat(10_000)));
    expect(peer.seen(FrameType.WindowUpdate, 1)).toEqual([]);
    expect(peer.seen(FrameType.WindowUpdate, 3)).toHaveLength(1);
    first.stream.resumeResponse();
    second.stream.resumeResponse();
    await settle();
    expect(peer.seen(FrameType.WindowUpdate, 1)).toHaveLength(1);
  });
});

describe('the limit of streams', () => {
  it('is a hundred until the peer has said its own', async () => {
    const [left, right] = memoryConnectionPair();
    const client = new Http2ClientConnection(left);
    const peer = new RawPeer(right, true);
    for (let i = 0; i < 150; i++) client.request(requestHead(), true, new HeardResponse());
    await settle();
    expect(peer.seen(FrameType.Headers)).toHaveLength(100);
    await peer.send(settingsFrame());
    expect(peer.seen(FrameType.Headers)).toHaveLength(150);
  });

  it('makes requests wait and sends them as others end', async () => {
    const { peer, ask } = await connected({}, [Setting.MaxConcurrentStreams, 1]);
    const first = ask();
    const second = ask({ method: 'POST' }, false);
    expect(second.stream.writeData(Buffer.from('body'))).toBe(false);
    second.stream.end(null);
    await settle();
    expect(peer.seen(FrameType.Headers)).toHaveLength(1);
    await peer.send(headersFrame(1, [':status', '204']));
    expect(first.response.ended).toBe(true);
    expect(peer.body(3)).toBe('body');
    expect(peer.seen(FrameType.Data, 3).at(-1)!.flags).toBe(Flag.EndStream);
  });

  it('forgets a waiting request that is given up', async () => {
    const { peer, ask } = await connected({}, [Setting.MaxConcurrentStreams, 1]);
    ask();
    const second = ask({ path: '/second' });
    ask({ path: '/third' });
    second.stream.reset({ kind: 'reset', code: ErrorCode.Cancel });
    await peer.send(headersFrame(1, [':status', '204']));
    expect(peer.seen(FrameType.Headers, 3)[0]!.fields).toContain('/third');
    expect(peer.seen(FrameType.RstStream)).toEqual([]);
  });

  it('refuses requests when too many wait', async () => {
    const { ask, offences } = await connected({ maxQueuedRequests: 1 }, [Setting.MaxConcurrentStreams, 0]);
    ask();
    const { response } = ask();
    expect(response.reset).toBeNull();
    await response.over;
    expect(response.reset).toEqual(refused);
    expect(offences).toEqual(['stream_queue_full']);
  });

  it('lets waiting requests go when the limit rises', async () => {
    const { peer, ask } = await connected({}, [Setting.MaxConcurrentStreams, 0]);
    ask();
    await peer.send(settingsFrame([Setting.MaxConcurrentStreams, 5]));
    expect(peer.seen(FrameType.Headers)).toHaveLength(1);
  });
});

describe('the end of a client connection', () => {
  it('on GOAWAY finishes what the peer has seen and refuses the rest', async () => {
    const { client, peer, ask, closedWith } = await connected();
    let draining = 0;
    client.onDraining = () => draining++;
    const first = ask();
    const second = ask();
    await settle();
    await peer.send(goawayFrame(1, ErrorCode.NoError));
    expect(draining).toBe(1);
    expect(second.response.reset).toEqual(refused);
    expect(first.response.reset).toBeNull();
    const third = ask();
    await third.response.over;
    expect(third.response.reset).toEqual(refused);
    await peer.send(headersFrame(1, [':status', '200']));
    expect(first.response.ended).toBe(true);
    expect(peer.ended).toBe(true);
    peer.connection.end();
    await settle();
    expect(closedWith).toEqual([null]);
  });

  it('survives GOAWAY followed by a limit of no streams', async () => {
    const { peer, ask } = await connected({}, [Setting.MaxConcurrentStreams, 1]);
    const first = ask();
    const waiting = ask();
    await peer.send(goawayFrame(1, 0), settingsFrame([Setting.MaxConcurrentStreams, 0]));
    expect(waiting.response.reset).toEqual(refused);
    await peer.send(headersFrame(1, [':status', '204']));
    expect(first.response.ended).toBe(true);
  });

  it('drains: finishes its requests, then ends', async () => {
    const { client, peer, ask } = await connected();
    const { response } = ask();
    await settle();
    client.drain();
    await settle();
    expect(peer.ended).toBe(false);
    await peer.send(headersFrame(1, [':status', '200']));
    expect(response.ended).toBe(true);
    expect(peer.ended).toBe(true);
  });

  it('tells requests when the connection breaks', async () => {
    const { peer, ask, closedWith } = await connected();
    const { response } = ask();
    await settle();
    peer.connection.destroy();
    await response.over;
    expect(response.reset).toMatchObject({ kind: 'io' });
    await settle();
    expect(closedWith).toHaveLength(1);
  });

  it.each<[string, number, Buffer]>([
    ['an answer nobody asked for', ErrorCode.ProtocolError, headersFrame(1, [':status', '200'])],
    ['PUSH_PROMISE', ErrorCode.ProtocolError, frame(FrameType.PushPromise, 4, 1, Buffer.alloc(8))],
    ['an offer of push', ErrorCode.ProtocolError, settingsFrame([Setting.EnablePush, 1])],
  ])('%s ends it', async (_what, code, bytes) => {
    const { peer } = await connected();
    await peer.send(bytes);
    expect(peer.goawayCode).toBe(code);
  });

  it.each<[string, Http2Offence, Partial<Http2Options>, Buffer]>([
    ['PING', 'control_flood', { controlFrames: { burst: 20, perSecond: 0 } }, pingFrame()],
    ['empty DATA', 'empty_data_flood', { emptyData: { burst: 20, perSecond: 0 } }, dataFrame(1, '')],
  ])('an endpoint that floods it with %s ends it', async (_what, offence, options, bytes) => {
    const { peer, ask, offences } = await connected(options);
    const { response } = ask();
    await settle();
    await peer.send(headersFrame(1, [':status', '200'], false), ...Array.from({ length: 30 }, () => bytes));
    expect(peer.goawayCode).toBe(ErrorCode.EnhanceYourCalm);
    expect(offences).toEqual([offence]);
    expect(response.reset).toMatchObject({ kind: 'io', error: { code: ErrorCode.EnhanceYourCalm } });
  });

  it('an answer with too many fields is refused, and the next one read', async () => {
    const { peer, ask, offences } = await connected({ maxHeaderListSize: 200 });
    const first = ask();
    const second = ask();
    await settle();
    await peer.send(
      headersFrame(1, [':status', '200', 'x-long', 'v'.repeat(200)]),
      headersFrame(3, [':status', '204']),
    );
    expect(first.response.reset).toMatchObject({ kind: 'protocol' });
    expect(second.response.head!.status).toBe(204);
    expect(offences).toContain('header_list_too_large');
  });

  it('an endpoint that speaks something else ends it', async () => {
    const { peer, ask } = await connected();
    const { response } = ask();
    await peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'));
    expect(response.reset).toMatchObject({ kind: 'io' });
  });
});
