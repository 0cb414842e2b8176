import { Agent, type IncomingHttpHeaders } from 'node:http';
import { request as askOverTls, type RequestOptions, Agent as TlsAgent } from 'node:https';
import { type GetOptions, get, RawClient } from '../../traffic.builder.ts';
import { Call } from '../grpc-peer.builder.ts';
import { Http2Caller } from '../http2-peer.builder.ts';
import { exchange } from '../tcp-peer.builder.ts';

/** What came of a request, field by field. */
export type Observed = Readonly<Record<string, string>>;

export interface Place {
  readonly ip: string;
  readonly port: number;
}

/** Different in every run. */
const volatile = new Set(['date']);

/** Ports that clients are given by the system differ from run to run. */
const settled = (text: string) => text.replace(/(client \d+\.\d+\.\d+\.\d+):\d+/g, '$1:PORT');

function fieldsOf(headers: IncomingHttpHeaders): Observed {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (!volatile.has(name)) fields[name.startsWith(':') ? name : `header ${name}`] = settled(String(value));
  return fields;
}

const failed = (error: unknown): Observed => ({
  failure: (error as NodeJS.ErrnoException).code ?? String(error),
});

/** HTTP/1, over a connection of its own unless told. */
export async function http1({ ip, port }: Place, options: GetOptions = {}): Promise<Observed> {
  try {
    const { status, headers, body } = await get(ip, port, { headers: { host: 'app' }, ...options });
    return { status: String(status), ...fieldsOf(headers), body };
  } catch (error) {
    return failed(error);
  }
}

/** What is sent as it is, and all that comes back until the connection is closed or nothing comes any more. */
export async function raw({ ip, port }: Place, text: string, quietMs = 300): Promise<Observed> {
  const client = await RawClient.open(ip, port);
  client.send(text);
  let before = -1;
  while (!client.closed && before !== client.text.length) {
    before = client.text.length;
    await new Promise((resolve) => setTimeout(resolve, quietMs));
  }
  const answer = settled(client.text.replace(/\r\ndate: [^\r]*/gi, ''));
  const closed = String(client.closed);
  client.socket.destroy();
  return { answer, closed };
}

/** gRPC with one message. */
export async function grpc(
  { ip, port }: Place,
  method: string,
  { metadata = {}, message = '3' }: { metadata?: Record<string, string>; message?: string } = {},
): Promise<Observed> {
  const caller = await Http2Caller.open(ip, port);
  try {
    const call = new Call(caller, method, metadata).send(message).end();
    const { messages, headers, trailers } = await call.finish();
    const tail: Record<string, string> = {};
    for (const [name, value] of Object.entries(fieldsOf(trailers))) tail[`trailing ${name}`] = value;
    return { ...fieldsOf(headers), ...tail, messages: messages.join() };
  } catch (error) {
    return failed(error);
  } finally {
    caller.close();
  }
}

/** HTTP/2 with prior knowledge. */
export async function http2({ ip, port }: Place, headers: Record<string, string>): Promise<Observed> {
  const caller = await Http2Caller.open(ip, port);
  try {
    const answer = await caller.ask(headers);
    return { ...fieldsOf(answer.headers), body: answer.body.toString() };
  } catch (error) {
    return { failure: (error as Error).message };
  } finally {
    caller.close();
  }
}

/** Bytes up to the end, and what comes back: nothing where the connection is broken off. */
export async function bytes({ ip, port }: Place, text: string): Promise<Observed> {
  try {
    return { answer: (await exchange(ip, port, text)).toString('latin1') };
  } catch {
    return { answer: '' };
  }
}

/** HTTP/1 in TLS. */
export function overTls(options: RequestOptions): Promise<Observed> {
  return new Promise((resolve) => {
    const asking = askOverTls({ ...options, agent: new TlsAgent({ keepAlive: false }) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', (error) => resolve(failed(error)));
      response.on('end', () =>
        resolve({ status: String(response.statusCode), ...fieldsOf(response.headers), body }),
      );
    });
    asking.on('error', (error) => resolve(failed(error)));
    asking.end();
  });
}

/** A connection that is used again and again. */
export const oneConnection = () => new Agent({ keepAlive: true, maxSockets: 1 });
