import type { Endpoint } from '@weft/policy';
import { connectTls } from '../tls/connect-tls.ts';
import type { Credentials } from '../tls/credentials.ts';
import { TRANSPORT_ALPN } from '../tls/tls-connection.ts';
import { type ConnectTcpOptions, connectTcp } from '../transport/connect-tcp.ts';
import type { Connect } from '../transport/connection.ts';
import type { TransportObserver } from '../transport/transport-observer.ts';
import { encodeTransportHeader, type TransportHeader } from '../transport-header/header.ts';

export interface EndpointConnectorOptions extends ConnectTcpOptions {
  /** Addresses of this pod: endpoints there are spoken to in plain text. */
  readonly ownIps: ReadonlySet<string>;
  /** Hears of every connection that could not be made. */
  readonly onFailure: (endpoint: Endpoint, error: unknown) => void;
}

/** Dials endpoints the way their discovery metadata asks for: mutual TLS, another port, a transport header. */
export class EndpointConnector {
  readonly #credentials: Credentials;
  readonly #options: EndpointConnectorOptions;

  constructor(credentials: Credentials, options: EndpointConnectorOptions) {
    this.#credentials = credentials;
    this.#options = options;
  }

  isLocal({ ip }: Endpoint): boolean {
    return this.#options.ownIps.has(ip);
  }

  isMeshed(endpoint: Endpoint): boolean {
    return endpoint.tls !== null && !this.isLocal(endpoint);
  }

  /** `session`: what will be spoken, null for opaque bytes. `observe` is asked for once per connection. */
  connect(
    endpoint: Endpoint,
    session: TransportHeader['session'],
    observe: () => TransportObserver,
  ): Connect {
    const meshed = this.isMeshed(endpoint);
    const port = meshed && endpoint.inboundPort !== null ? endpoint.inboundPort : endpoint.port;
    const tcp = connectTcp({ ip: endpoint.ip, port }, this.#options);
    if (!meshed || endpoint.tls === null) {
      return this.#reporting(endpoint, async (signal) => {
        const connection = await tcp(signal);
        connection.observe(observe());
        return connection;
      });
    }
    const header = transportHeader(endpoint, endpoint.protocolHint === 'opaque' ? null : session);
    const headerBytes = header === null ? null : encodeTransportHeader(header);
    const tls = connectTls(tcp, this.#credentials, {
      timeoutMs: this.#options.timeoutMs,
      serverId: endpoint.tls.serverId.name,
      serverName: endpoint.tls.serverName,
      resume: true,
      ...(header === null ? {} : { alpn: TRANSPORT_ALPN }),
    });
    return this.#reporting(endpoint, async (signal) => {
      const { connection, alpn } = await tls(signal);
      connection.observe(observe());
      if (headerBytes !== null && alpn === TRANSPORT_ALPN) connection.write(headerBytes);
      return connection;
    });
  }

  #reporting(endpoint: Endpoint, connect: Connect): Connect {
    return async (signal) => {
      try {
        return await connect(signal);
      } catch (error) {
        if (!signal.aborted) this.#options.onFailure(endpoint, error);
        throw error;
      }
    };
  }
}

/** The header this endpoint needs; null when it is spoken to directly. */
function transportHeader(endpoint: Endpoint, session: TransportHeader['session']): TransportHeader | null {
  if (endpoint.authorityOverride !== null) {
    const match = /^(.*):(\d+)$/.exec(endpoint.authorityOverride);
    if (match !== null) return { port: Number(match[2]), name: match[1] ?? null, session };
    return { port: endpoint.port, name: null, session };
  }
  return endpoint.inboundPort === null ? null : { port: endpoint.port, name: null, session };
}
