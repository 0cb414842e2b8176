/** One address of a service and how to speak to it. */
export interface Endpoint {
  readonly ip: string;
  readonly port: number;
  /** null: plain text. */
  readonly tls: EndpointTls | null;
  /** 'h2': HTTP/1 may be carried over HTTP/2. 'opaque': no upgrade, the port is opaque on the other side. */
  readonly protocolHint: 'h2' | 'opaque' | null;
  /** The peer's inbound proxy port: connect there and send a transport header. */
  readonly inboundPort: number | null;
  /** `host` or `host:port` that replaces the request's authority. */
  readonly authorityOverride: string | null;
  readonly http2: Http2Params | null;
  /** Metric labels, names beginning with `dst_`, in order of their names. */
  readonly labels: ReadonlyMap<string, string>;
  readonly zoneLocality: 'local' | 'remote' | 'unknown';
}

export interface EndpointTls {
  /** Who the peer must prove to be. */
  readonly serverId: { readonly kind: 'dns' | 'uri'; readonly name: string };
  /** The SNI. */
  readonly serverName: string;
}

/** Settings of the HTTP/2 client for this endpoint, in bytes; 0 leaves the proxy's own. */
export interface Http2Params {
  readonly connectionWindow: number;
  readonly streamWindow: number;
  readonly maxFrameSize: number;
  readonly keepAlive: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly whileIdle: boolean;
  } | null;
}
