import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { lookup } from './names.ts';
import type { Outcome } from './tally.ts';

const TIMEOUT_MS = 30_000;
const kept = new Agent({ keepAlive: true, maxSockets: 30, scheduling: 'fifo' });

export interface Ask {
  readonly url: string;
  /** A connection of its own instead of a kept one. */
  readonly fresh?: boolean;
  /** Sent by POST. */
  readonly body?: Buffer;
  /** The body's length is not told beforehand. */
  readonly chunked?: boolean;
  /** Bytes that the answer must have. */
  readonly expects: number;
  /** 403 is an answer, too. */
  readonly mayBeDenied?: boolean;
}

function open({ url, fresh, body, chunked }: Ask): ClientRequest {
  const framing = body === undefined || chunked ? {} : { 'content-length': body.length };
  return request(url, {
    agent: fresh ? false : kept,
    method: body === undefined ? 'GET' : 'POST',
    headers: framing,
    lookup,
    timeout: TIMEOUT_MS,
  });
}

function responseTo(asked: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asked.on('response', resolve);
  asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  asked.on('error', reject);
  return promise;
}

/** Sends one request and reads the whole answer. */
export async function ask(what: Ask): Promise<Outcome> {
  const asked = open(what);
  const answered = responseTo(asked);
  // In parts: with no length told, each becomes a chunk.
  for (let at = 0; at < (what.body?.length ?? 0); at += 8192) asked.write(what.body!.subarray(at, at + 8192));
  asked.end();
  const response = await answered;
  let size = 0;
  for await (const part of response) size += (part as Buffer).length;
  const { statusCode, headers } = response;
  if (statusCode === 403 && what.mayBeDenied) return 'denied';
  if (statusCode !== 200) {
    throw new Error(`${what.url} answered ${statusCode} ${headers['l5d-proxy-error'] ?? ''}`);
  }
  if (size !== what.expects) throw new Error(`${what.url} answered ${size} bytes, not ${what.expects}`);
  return 'answered';
}

/** Leaves while the answer comes. */
export async function leaveDuringAnswer(url: string): Promise<Outcome> {
  const asked = open({ url, expects: 0, fresh: true });
  asked.end();
  const response = await responseTo(asked);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  response.on('error', () => undefined);
  response.once('data', () => asked.destroy());
  await new Promise((resolve) => response.on('close', resolve));
  return 'aborted';
}

/** Leaves while half of the body is sent. */
export async function leaveDuringRequest(url: string, body: Buffer): Promise<Outcome> {
  const asked = open({ url, body, expects: 0, fresh: true });
  asked.on('error', () => undefined);
  asked.on('response', (response) => response.on('error', () => undefined).resume());
  asked.write(body.subarray(0, body.length / 2));
  setTimeout(() => asked.destroy(), 30);
  await new Promise((resolve) => asked.on('close', resolve));
  return 'aborted';
}
