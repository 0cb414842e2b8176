import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Connect, Connection } from '../transport/connection.ts';
import { memoryConnectionPair } from '../transport/memory-connection.builder.ts';
import { Http2Client } from './client.ts';
import { ErrorCode } from './error-code.ts';
import { type HeardRequest, HeardResponse, hearing, requestHead } from './exchange.builder.ts';
import { settle } from './raw-peer.builder.ts';
import { Http2ServerConnection } from './server-connection.ts';

const backoff = { minMs: 100, maxMs: 1000, jitter: 0 };

/** An endpoint that can be refused, slow or closed by the test. */
class Endpoint {
  attempts = 0;
  refusing = false;
  holding: (() => void)[] | null = null;
  readonly servers: Http2ServerConnection[] = [];
  readonly requests: HeardRequest[] = [];
  readonly connections: Connection[] = [];

  readonly connect: Connect = async (signal) => {
    this.attempts++;
    if (this.holding !== null) await new Promise<void>((resolve) => this.holding?.push(resolve));
    signal.throwIfAborted();
    if (this.refusing) throw new Error('connection refused');
    const [left, right] = memoryConnectionPair();
    const answer = (request: HeardRequest) => request.answer('ok');
    this.servers.push(new Http2ServerConnection(right, {}, hearing(this.requests, answer)));
    this.connections.push(right);
    return left;
  };
}

async function ask(client: Http2Client): Promise<HeardResponse> {
  const response = new HeardResponse();
  client.request(requestHead(), true, response);
  await response.over;
  return response;
}

async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
  await settle();
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
});

afterEach(() => {
  jest.useRealTimers();
});

describe('an HTTP/2 client', () => {
  it('connects when first wanted and tells that it is ready', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    expect([client.ready, endpoint.attempts]).toEqual([false, 0]);
    const told: boolean[] = [];
    client.onReadyChange = (ready) => told.push(ready);
    client.warm();
    client.warm();
    await settle();
    expect([client.ready, endpoint.attempts]).toEqual([true, 1]);
    expect(told).toEqual([true]);
  });

  it('carries all requests over one connection', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    const responses = await Promise.all([ask(client), ask(client), ask(client)]);
    expect(responses.map((response) => response.body)).toEqual(['ok', 'ok', 'ok']);
    expect(endpoint.attempts).toBe(1);
  });

  it('holds a request with its body until the connection is there', async () => {
    const endpoint = new Endpoint();
    endpoint.holding = [];
    const client = new Http2Client(endpoint.connect, { backoff });
    const response = new HeardResponse();
    const stream = client.request(requestHead({ method: 'POST' }), false, response);
    expect(stream.writeData(Buffer.from('body'))).toBe(false);
    response.onDrain = () => stream.end(['x', 'y']);
    await settle();
    endpoint.holding[0]!();
    await response.over;
    expect(endpoint.requests[0]!.body).toBe('body');
    expect(endpoint.requests[0]!.trailers).toEqual(['x', 'y']);
    expect(response.drains).toBe(1);
  });

  it('does not send a request given up while connecting', async () => {
    const endpoint = new Endpoint();
    endpoint.holding = [];
    const client = new Http2Client(endpoint.connect, { backoff });
    const response = new HeardResponse();
    client.request(requestHead(), true, response).reset({ kind: 'reset', code: ErrorCode.Cancel });
    await settle();
    endpoint.holding[0]!();
    await settle();
    expect(client.ready).toBe(true);
    expect(endpoint.requests).toEqual([]);
  });

  it('bounds how many requests wait for the connection', async () => {
    const endpoint = new Endpoint();
    endpoint.holding = [];
    const client = new Http2Client(endpoint.connect, { backoff, maxWaiting: 1 });
    client.request(requestHead(), true, new HeardResponse());
    const response = await ask(client);
    expect(response.reset).toMatchObject({ kind: 'io' });
  });

  it('fails waiting requests with the reason and tries again, ever later', async () => {
    const endpoint = new Endpoint();
    endpoint.refusing = true;
    const failures: string[] = [];
    const client = new Http2Client(endpoint.connect, {
      backoff,
      onFailure: (error) => failures.push(error.message),
    });
    const response = await ask(client);
    expect(response.reset).toMatchObject({ kind: 'io', error: { message: 'connection refused' } });
    const late = await ask(client);
    expect(late.reset).toMatchObject({ kind: 'io', error: { message: 'connection refused' } });
    expect(endpoint.attempts).toBe(1);
    await pass(99);
    expect(endpoint.attempts).toBe(1);
    await pass(1);
    expect(endpoint.attempts).toBe(2);
    await pass(199);
    expect(endpoint.attempts).toBe(2);
    endpoint.refusing = false;
    await pass(1);
    expect(client.ready).toBe(true);
    expect(failures).toEqual(['connection refused', 'connection refused']);
  });

  it('replaces a connection that drains, without losing an answer', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    client.warm();
    await pass(500);
    const told: boolean[] = [];
    client.onReadyChange = (ready) => told.push(ready);
    const response = new HeardResponse();
    const stream = client.request(requestHead({ method: 'POST' }), false, response);
    await settle();
    endpoint.servers[0]!.drain();
    await settle();
    expect(told).toEqual([false, true]);
    stream.end(null);
    await response.over;
    expect(response.body).toBe('ok');
    expect((await ask(client)).body).toBe('ok');
    expect(endpoint.attempts).toBe(2);
  });

  it('reconnects at once when an old connection breaks', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    client.warm();
    await pass(500);
    endpoint.connections[0]!.destroy();
    await settle();
    expect([client.ready, endpoint.attempts]).toEqual([true, 2]);
  });

  it('backs off when connections die young', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    client.warm();
    await settle();
    endpoint.connections[0]!.destroy();
    await settle();
    expect([client.ready, endpoint.attempts]).toEqual([false, 1]);
    await pass(100);
    expect(endpoint.attempts).toBe(2);
    endpoint.connections[1]!.destroy();
    await pass(150);
    expect(endpoint.attempts).toBe(2);
    await pass(50);
    expect(endpoint.attempts).toBe(3);
  });

  it('closes when its exchanges are over, and takes no more', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    const response = new HeardResponse();
    const stream = client.request(requestHead({ method: 'POST' }), false, response);
    await settle();
    client.close();
    expect(client.ready).toBe(false);
    expect((await ask(client)).reset).toMatchObject({ kind: 'io' });
    stream.end(null);
    await response.over;
    expect(response.body).toBe('ok');
    await pass(2000);
    expect([endpoint.attempts, endpoint.servers[0]!.closed]).toEqual([1, true]);
  });

  it('gives up connecting when it is closed', async () => {
    const endpoint = new Endpoint();
    endpoint.holding = [];
    const client = new Http2Client(endpoint.connect, { backoff });
    const response = new HeardResponse();
    client.request(requestHead(), true, response);
    await settle();
    client.close();
    await response.over;
    endpoint.holding[0]!();
    await pass(5000);
    expect(endpoint.attempts).toBe(1);
    expect(client.ready).toBe(false);
  });

  it('destroys what is open with the reason given', async () => {
    const endpoint = new Endpoint();
    const client = new Http2Client(endpoint.connect, { backoff });
    const response = new HeardResponse();
    client.request(requestHead({ method: 'POST' }), false, response);
    await settle();
    client.destroy(new Error('shutdown'));
    await response.over;
    expect(response.reset).toMatchObject({ kind: 'io', error: { message: 'shutdown' } });
  });
});
