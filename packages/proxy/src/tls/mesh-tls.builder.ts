import { type ConnectSocket, connectTcp } from '../transport/connect-tcp.ts';
import type { Listener } from '../transport/listener.ts';
import type { SocketConnection } from '../transport/socket-connection.ts';
import { listenLoopback } from '../transport/socket-pair.builder.ts';
import { type AcceptedTls, type AcceptTlsOptions, acceptTls } from './accept-tls.ts';
import { Authority } from './certificates.builder.ts';
import { type CertifiedKey, Credentials } from './credentials.ts';
import { detectTls } from './detect-tls.ts';

export const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
export const ORDERS = 'orders.shop.serviceaccount.identity.linkerd.cluster.local';

export const root = Authority.root();
export const issuer = root.issuer();
/** Of a mesh that this one does not trust, under the same names. */
export const stranger = Authority.root().issuer();

/** Credentials of this mesh; without `certified` they can only verify. */
export function credentialsOf(certified?: CertifiedKey): Credentials {
  const credentials = new Credentials([root.certificate]);
  if (certified !== undefined) credentials.replace(certified);
  return credentials;
}

/** A listener that ends TLS, one connection after another. */
export class TlsServer {
  readonly #listener: Listener;
  readonly #accepted: Promise<AcceptedTls>[] = [];
  #waiting: ((accepted: Promise<AcceptedTls>) => void)[] = [];
  readonly #open: SocketConnection[] = [];

  private constructor(listener: Listener, credentials: Credentials, options: Partial<AcceptTlsOptions>) {
    this.#listener = listener;
    listener.accept((connection) => {
      this.#open.push(connection);
      const accepted = this.#accept(connection, credentials, { timeoutMs: 2000, ...options });
      accepted.then(
        ({ connection: secured }) => this.#open.push(secured),
        () => {},
      );
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#accepted.push(accepted);
      else waiting(accepted);
    });
  }

  static async listen(credentials: Credentials, options: Partial<AcceptTlsOptions> = {}): Promise<TlsServer> {
    return new TlsServer(await listenLoopback(), credentials, options);
  }

  get port(): number {
    return this.#listener.address.port;
  }

  get connect(): ConnectSocket {
    return connectTcp(this.#listener.address, { timeoutMs: 2000 });
  }

  /** The next connection, or why it was refused. */
  next(): Promise<AcceptedTls> {
    return this.#accepted.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#listener.close();
    for (const connection of this.#open) connection.destroy();
  }

  async #accept(connection: SocketConnection, credentials: Credentials, options: AcceptTlsOptions) {
    await detectTls(connection, { timeoutMs: 2000 });
    return acceptTls(connection, credentials, options);
  }
}
