import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Json, textAt } from '../manifest/json.ts';
import type { AccessConfig } from './access-config.ts';
import type { Cluster, ClusterAnswer, ClusterRequest, PodAddress } from './cluster.ts';
import { ClusterError, clusterErrorOf } from './cluster-error.ts';

/** The longest silence before an answer is complete, in ms. */
const SILENCE_MS = 30_000;

type Forward = (pod: PodAddress, port: number) => Promise<Duplex>;

/** A cluster behind the HTTP API of its API server. */
export class HttpCluster implements Cluster {
  readonly #server: URL;
  readonly #access: AccessConfig;
  readonly #forward: Forward;

  constructor(server: URL, access: AccessConfig, forward: Forward) {
    this.#server = server;
    this.#access = access;
    this.#forward = forward;
  }

  get server(): string {
    return this.#server.origin;
  }

  async call(request: ClusterRequest): Promise<ClusterAnswer> {
    const target = `${request.method ?? 'GET'} ${request.path}`;
    const response = await this.#send(request, target);
    const { statusCode = 0, headers } = response;
    const body = await readBody(response, target);
    if (statusCode >= 300) throw clusterErrorOf(statusCode, target, messageOf(body));
    const serverTime = Date.parse(headers.date ?? '');
    return { body, serverTime: Number.isNaN(serverTime) ? undefined : serverTime };
  }

  forward(pod: PodAddress, port: number): Promise<Duplex> {
    return this.#forward(pod, port);
  }

  async #send(request: ClusterRequest, target: string): Promise<IncomingMessage> {
    const { method = 'GET', body, contentType = 'application/json', signal } = request;
    const { agent, headers } = await this.#access.current();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const send = this.#server.protocol === 'http:' ? httpRequest : httpsRequest;
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = send(urlOf(this.#server, request), {
      method,
      agent,
      signal,
      headers: {
        ...headers,
        accept: 'application/json, */*',
        'user-agent': 'weft-cli',
        ...(payload !== undefined && { 'content-type': contentType, 'content-length': payload.length }),
      },
    });
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error(`silence for ${SILENCE_MS / 1000} s`)));
    sent.once('response', resolve);
    sent.on('error', (cause) => {
      if (signal.aborted) reject(signal.reason);
      else {
        const problem = `${target}: no answer from ${this.server}: ${cause.message || String(cause)}`;
        reject(new ClusterError('unreachable', problem, { cause }));
      }
    });
    sent.end(payload);
    return promise;
  }
}

function urlOf(server: URL, { path, query = {} }: ClusterRequest): URL {
  const url = new URL(server);
  url.pathname = `${server.pathname.replace(/\/$/, '')}${path}`;
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

async function readBody(response: IncomingMessage, target: string): Promise<Json> {
  let body: string;
  try {
    body = await text(response);
  } catch (cause) {
    throw new ClusterError('unreachable', `${target}: the answer broke off`, { cause });
  }
  if (!/json/.test(response.headers['content-type'] ?? '')) return body;
  try {
    return JSON.parse(body) as Json;
  } catch (cause) {
    throw new ClusterError('server_error', `${target}: the answer is not JSON`, { cause });
  }
}

/** What the server says about its refusal: the message of a Status, or the text itself. */
function messageOf(body: Json): string {
  return (typeof body === 'string' ? body : textAt(body, 'message')).trim().slice(0, 1000);
}
