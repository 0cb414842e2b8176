import { afterEach, describe, expect, it } from '@jest/globals';
import { RecordingHandler } from '../transport/recording-handler.builder.ts';
import type { AcceptedTls, AcceptTlsOptions } from './accept-tls.ts';
import { Authority, type CertificateShape } from './certificates.builder.ts';
import { type ConnectTls, connectTls } from './connect-tls.ts';
import { type CertifiedKey, Credentials, RESUMABLE_SECONDS } from './credentials.ts';
import { ORDERS, stranger, TlsServer, WEB } from './mesh-tls.builder.ts';
import { type TlsConnection, TRANSPORT_ALPN } from './tls-connection.ts';

const never = new AbortController().signal;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const inOneHour = { notAfter: new Date(Date.now() + HOUR) };

/** A mesh of its own, with a clock for each side. */
class World {
  readonly root: Authority;
  readonly issuer: Authority;
  readonly client: Credentials;
  readonly server: Credentials;
  clientAhead = 0;
  serverAhead = 0;
  #server: TlsServer | null = null;
  #connect: ConnectTls | null = null;
  readonly #open: TlsConnection[] = [];

  constructor(shape: { root?: CertificateShape; issuer?: CertificateShape } = {}) {
    this.root = Authority.root('root', shape.root);
    this.issuer = this.root.issuer('issuer', shape.issuer);
    this.client = new Credentials([this.root.certificate], () => Date.now() + this.clientAhead);
    this.server = new Credentials([this.root.certificate], () => Date.now() + this.serverAhead);
  }

  async start(
    client: CertifiedKey | null = this.issuer.certify(WEB),
    server: CertifiedKey = this.issuer.certify(ORDERS),
    options: Partial<AcceptTlsOptions> = {},
  ): Promise<void> {
    if (client !== null) this.client.replace(client);
    this.server.replace(server);
    this.#server = await TlsServer.listen(this.server, options);
    this.#connect = this.connectAs(ORDERS, options.alpn);
  }

  /** As the client, of which the server is expected to be `serverId`. */
  connectAs(serverId: string, alpn?: string): ConnectTls {
    const bounds = { serverName: ORDERS, timeoutMs: 2000, resume: true };
    return connectTls(this.#running.connect, this.client, { ...bounds, serverId, alpn });
  }

  get #running(): TlsServer {
    if (this.#server === null) throw new Error('not started');
    return this.#server;
  }

  /** A connection to the server, and what the server took it for. A greeting has gone over it, tickets before that. */
  async meet(): Promise<{ client: TlsConnection; accepted: AcceptedTls }> {
    const { next, owner, client } = await this.dial();
    const accepted = await next;
    accepted.connection.write(Buffer.from('hello'));
    await owner.when(({ text }) => text === 'hello');
    expect(client.resumed).toBe(accepted.resumed);
    return { client, accepted };
  }

  /** A connection that the server closes, having said nothing. */
  async refused() {
    const { next, owner } = await this.dial();
    await owner.when(({ closes, ended }) => ended || closes > 0);
    expect(owner.bytes).toBe(0);
    return { next };
  }

  async dial() {
    const next = this.#running.next();
    next.catch(() => {});
    const client = await (this.#connect as ConnectTls)(never);
    this.#open.push(client);
    const owner = new RecordingHandler();
    client.connection.handler = owner;
    return { next, owner, client };
  }

  close(): void {
    this.#server?.close();
    for (const { connection } of this.#open) connection.destroy();
  }
}

describe('a session between proxies', () => {
  let world: World;
  afterEach(() => world.close());

  const whoAndHow = async () => {
    const { accepted } = await world.meet();
    return [accepted.clientId, accepted.resumed];
  };

  it('is resumed by the same client, who is still who it was', async () => {
    world = new World();
    await world.start(undefined, undefined, { alpn: TRANSPORT_ALPN });
    expect(await whoAndHow()).toEqual([WEB, false]);
    for (let again = 0; again < 3; again++) {
      const { client, accepted } = await world.meet();
      expect(accepted).toMatchObject({ clientId: WEB, resumed: true, alpn: TRANSPORT_ALPN });
      expect(client.alpn).toBe(TRANSPORT_ALPN);
    }
  });

  it('is resumed by a client without a certificate, who is still nobody', async () => {
    world = new World();
    await world.start(null);
    expect(await whoAndHow()).toEqual([null, false]);
    expect(await whoAndHow()).toEqual([null, true]);
    world.client.replace(world.issuer.certify(WEB));
    expect(await whoAndHow()).toEqual([WEB, false]);
  });

  it("ends with the client's certificate", async () => {
    world = new World();
    await world.start();
    await world.meet();
    world.client.replace(world.issuer.certify('renewed.shop'));
    expect(await whoAndHow()).toEqual(['renewed.shop', false]);
    expect(await whoAndHow()).toEqual(['renewed.shop', true]);
  });

  it("ends with the server's certificate", async () => {
    world = new World();
    await world.start();
    await world.meet();
    world.server.replace(world.issuer.certify(ORDERS));
    expect(await whoAndHow()).toEqual([WEB, false]);
    expect(await whoAndHow()).toEqual([WEB, true]);
  });

  it('is no way around who the server has to be', async () => {
    world = new World();
    await world.start();
    await world.meet();
    world.server.replace(world.issuer.certify('somebody.else'));
    await expect(world.meet()).rejects.toMatchObject({ cause: { code: 'identity' } });
    await expect(world.meet()).rejects.toMatchObject({ cause: { code: 'identity' } });
  });

  it('ends when anchors are added, and there is none while a bundle vouches, too', async () => {
    world = new World();
    const orders = world.issuer.certify(ORDERS);
    await world.start(undefined, orders);
    await world.meet();
    world.server.replace(orders, { trustDomain: 'td', anchors: [stranger.certificate] });
    expect(await whoAndHow()).toEqual([WEB, false]);
    expect(await whoAndHow()).toEqual([WEB, false]);
    world.server.replace(orders);
    expect(await whoAndHow()).toEqual([WEB, false]);
    expect(await whoAndHow()).toEqual([WEB, true]);
  });

  it("is not offered beyond the end of the server's certificate", async () => {
    world = new World();
    const end = new Date(Date.now() + 5 * MINUTE);
    await world.start(undefined, world.issuer.certify(ORDERS, { notAfter: end }));
    await world.meet();
    world.clientAhead = 4 * MINUTE;
    expect(await whoAndHow()).toEqual([WEB, true]);
    world.clientAhead = 5 * MINUTE;
    // OpenSSL goes by its own clock and would accept the certificate still.
    expect(await whoAndHow()).toEqual([WEB, false]);
  });

  it('is not offered long after the server has proved who it is', async () => {
    world = new World();
    await world.start();
    await world.meet();
    world.clientAhead = 1000 * (RESUMABLE_SECONDS - 5);
    expect(await whoAndHow()).toEqual([WEB, true]);
    world.clientAhead = 1000 * RESUMABLE_SECONDS;
    expect(await whoAndHow()).toEqual([WEB, false]);
    expect(await whoAndHow()).toEqual([WEB, true]);
  });

  it("is refused beyond the end of the client's certificate", async () => {
    world = new World();
    await world.start(world.issuer.certify(WEB, inOneHour));
    await world.meet();
    world.serverAhead = HOUR - MINUTE;
    expect(await whoAndHow()).toEqual([WEB, true]);
    world.serverAhead = HOUR + MINUTE;
    const { next } = await world.refused();
    await expect(next).rejects.toMatchObject({ code: 'expired' });
  });

  it.each([
    ['an issuer', { issuer: inOneHour }],
    ['the anchor', { root: inOneHour }],
  ])('ends with %s', async (_, shape) => {
    world = new World(shape);
    await world.start();
    await world.meet();
    expect(await whoAndHow()).toEqual([WEB, true]);
    world.serverAhead = HOUR + MINUTE;
    // OpenSSL goes by its own clock: for it the chain is still good.
    expect(await whoAndHow()).toEqual([WEB, false]);
    expect(await whoAndHow()).toEqual([WEB, true]);
  });

  it('gives nothing to a client whose certificate leads nowhere', async () => {
    world = new World();
    await world.start(stranger.certify(WEB));
    for (let attempt = 0; attempt < 3; attempt++) {
      const { next } = await world.refused();
      await expect(next).rejects.toMatchObject({ code: 'untrusted' });
    }
  });

  it('is not shared by those who expect different servers', async () => {
    world = new World();
    await world.start();
    await world.meet();
    await expect(world.connectAs('somebody.else')(never)).rejects.toMatchObject({
      cause: { code: 'identity' },
    });
  });
});
