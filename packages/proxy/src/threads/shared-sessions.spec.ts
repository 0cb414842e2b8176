import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AcceptedTls } from '../tls/accept-tls.ts';
import { connectTls } from '../tls/connect-tls.ts';
import { Credentials } from '../tls/credentials.ts';
import { issuer, ORDERS, root, TlsServer, WEB } from '../tls/mesh-tls.builder.ts';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import { SharedSessions, sessionsMemory } from './shared-sessions.ts';

/** By how much the clock of the threads is ahead, milliseconds. */
let ahead = 0;

/** The threads of one proxy, and a client that meets now this one, now that. */
class Threads {
  readonly credentials: Credentials[];
  readonly #servers: TlsServer[];
  readonly #connect;
  readonly #open: { destroy(): void }[] = [];
  #turn = 0;

  static async start(): Promise<Threads> {
    const credentials = [0, 1].map(() => new Credentials([root.certificate], () => Date.now() + ahead));
    return new Threads(credentials, await Promise.all(credentials.map((each) => TlsServer.listen(each))));
  }

  private constructor(credentials: Credentials[], servers: TlsServer[]) {
    this.credentials = credentials;
    this.#servers = servers;
    const client = new Credentials([root.certificate]);
    client.replace(issuer.certify(WEB));
    const bounds = { serverId: ORDERS, serverName: ORDERS, timeoutMs: 2000, resume: true };
    this.#connect = connectTls((signal) => this.#server.connect(signal), client, bounds);
  }

  get #server(): TlsServer {
    const server = this.#servers[this.#turn % 2];
    if (server === undefined) throw new Error('no such thread');
    return server;
  }

  certify(): void {
    const certified = issuer.certify(ORDERS);
    const memory = sessionsMemory();
    for (const each of this.credentials) each.replace(certified, null, new SharedSessions(memory));
  }

  /** Connects to the next thread. */
  async meet(): Promise<AcceptedTls> {
    const next = this.#server.next();
    const { connection } = await this.#connect(new AbortController().signal);
    this.#open.push(connection);
    const owner = new RecordingHandler();
    connection.handler = owner;
    const accepted = await next;
    accepted.connection.write(Buffer.from('hello'));
    await owner.when(({ text }) => text === 'hello');
    this.#turn++;
    return accepted;
  }

  close(): void {
    for (const each of [...this.#servers.map((server) => ({ destroy: () => server.close() })), ...this.#open])
      each.destroy();
  }
}

let threads: Threads;
beforeEach(async () => {
  ahead = 0;
  threads = await Threads.start();
  threads.certify();
});
afterEach(() => threads.close());

describe('a session with one thread', () => {
  it('is resumed with another, by the same client', async () => {
    expect(await threads.meet()).toMatchObject({ clientId: WEB, resumed: false });
    for (let again = 0; again < 3; again++)
      expect(await threads.meet()).toMatchObject({ clientId: WEB, resumed: true });
  });

  it('ends with the certificate of all threads', async () => {
    await threads.meet();
    threads.certify();
    expect((await threads.meet()).resumed).toBe(false);
    expect((await threads.meet()).resumed).toBe(true);
  });

  it('ends on all threads with the first thing to expire that one of them has seen', async () => {
    await threads.meet();
    threads.credentials[0]?.limitSessions(Date.now() + 60_000);
    expect((await threads.meet()).resumed).toBe(true);
    ahead = 61_000;
    expect((await threads.meet()).resumed).toBe(false);
    expect((await threads.meet()).resumed).toBe(true);
  });
});

describe('sessions of several threads', () => {
  it('have tickets that differ by certificate and by generation, and by nothing else', () => {
    const [memory, other] = [sessionsMemory(), sessionsMemory()];
    const [a, b, stranger] = [memory, memory, other].map((each) => new SharedSessions(each));
    expect(a?.ticketKeys()).toEqual(b?.ticketKeys());
    expect(a?.ticketKeys()).not.toEqual(stranger?.ticketKeys());
    const before = a?.ticketKeys();
    b?.renew(1000);
    expect([a?.until, a?.generation]).toEqual([1000, 1]);
    expect(a?.ticketKeys()).not.toEqual(before);
    expect(a?.ticketKeys()).toEqual(b?.ticketKeys());
  });
});
