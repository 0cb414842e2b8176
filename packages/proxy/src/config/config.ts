import type { Cidr, DefaultPolicyWord } from '@weft/policy';
import type { SocketAddress } from '../transport/connection.ts';

/** All that the environment says, read once at start. Durations are milliseconds, sizes bytes. */
export interface Config {
  readonly inbound: InboundConfig;
  readonly outbound: OutboundConfig;
  readonly admin: AdminConfig;
  /** null: the tap server is off. */
  readonly tap: TapConfig | null;
  readonly identity: IdentityConfig;
  readonly destination: DestinationConfig;
  readonly policy: PolicyConfig;
  readonly control: ControlConfig;
  /** Windows of HTTP/2 connections that the proxy opens. */
  readonly http2Client: Http2Windows;
  readonly peerLimits: PeerLimits;
  readonly metrics: MetricsConfig;
  readonly log: LogConfig;
  /** null: no tracing. */
  readonly tracing: TracingConfig | null;
  readonly shutdown: ShutdownConfig;
  readonly cores: CoresConfig;
  /** What is odd but not wrong; to be logged once logging works. */
  readonly warnings: readonly string[];
}

/** What both directions have. */
export interface DirectionConfig {
  readonly backlog: number | undefined;
  readonly accept: TcpConfig;
  readonly connect: ConnectConfig;
  /** Bound on the detection of TLS and HTTP. */
  readonly detectTimeoutMs: number;
  readonly httpQueue: QueueConfig;
  readonly http1Pool: Http1PoolConfig;
  readonly http2Server: Http2ServerConfig;
  /** Requests without a response head, above which new ones are refused. */
  readonly maxInFlight: number;
  /** After which unused entries of caches are dropped. */
  readonly discoveryIdleTimeoutMs: number;
}

export interface InboundConfig extends DirectionConfig {
  readonly listen: SocketAddress;
  readonly defaultPolicy: DefaultPolicyWord;
  /** Ports whose policy is watched from the start, with the admin port and, for a gateway, the inbound port. */
  readonly ports: ReadonlySet<number>;
  /** Ports that are opaque until the control plane has answered. */
  readonly opaquePorts: ReadonlySet<number>;
  /** Original destinations that are accepted, canonically written; empty accepts any. */
  readonly ips: ReadonlySet<string>;
  readonly gatewaySuffixes: readonly string[];
  /** Label endpoint metrics with the authority. */
  readonly authorityLabels: boolean;
  /** How long a request waits for its service profile. */
  readonly profileTimeoutMs: number;
}

export interface OutboundConfig extends DirectionConfig {
  /** One address, or an IPv4 and an IPv6 one. */
  readonly listen: readonly SocketAddress[];
  readonly tcpQueue: QueueConfig;
  readonly ingressMode: boolean;
  /** Whether the application may be told why (`l5d-proxy-error`). */
  readonly informationalHeaders: boolean;
  /** Label route metrics with the host asked for. */
  readonly hostnameLabels: boolean;
}

export interface TcpConfig {
  /** Silence before the first keep-alive probe; undefined: the system's. */
  readonly keepAliveMs: number | undefined;
  /** TCP_USER_TIMEOUT; undefined: the system's. */
  readonly userTimeoutMs: number | undefined;
}

export interface ConnectConfig extends TcpConfig {
  readonly timeoutMs: number;
  readonly backoff: BackoffConfig;
}

/** Waits double from `minMs` to `maxMs`, each longer by up to `jitter` of itself. */
export interface BackoffConfig {
  readonly minMs: number;
  readonly maxMs: number;
  readonly jitter: number;
}

export interface QueueConfig {
  readonly capacity: number;
  readonly failFastTimeoutMs: number;
}

export interface Http1PoolConfig {
  readonly maxIdle: number;
  readonly idleTimeoutMs: number;
}

export interface Http2Windows {
  readonly streamWindow: number;
  readonly connectionWindow: number;
}

export interface Http2ServerConfig extends Http2Windows {
  readonly adaptiveFlowControl: boolean;
  readonly keepAlive: { readonly intervalMs: number; readonly timeoutMs: number } | null;
  /** null: no limit is announced. */
  readonly maxConcurrentStreams: number | null;
  readonly maxFrameSize: number;
  readonly maxHeaderListSize: number;
  /** null: the codec's own bound. */
  readonly maxPendingAcceptResetStreams: number | null;
  readonly maxSendBufferSize: number | null;
}

/** What clients and endpoints may do on a connection before it is ended. */
export interface PeerLimits {
  /** How long a head that has begun may take to arrive. */
  readonly headTimeoutMs: number;
  /** Request or status line and fields together. */
  readonly http1MaxHeadBytes: number;
  readonly http1MaxFields: number;
  /** Of one header block. */
  readonly http2MaxContinuations: number;
  /** At once; a tenth of it each second for ever. */
  readonly http2MaxControlFrames: number;
  /** Likewise. */
  readonly http2MaxEmptyData: number;
  /** What may wait for a peer that does not read. */
  readonly http2MaxQueuedBytes: number;
}

export interface AdminConfig {
  readonly listen: SocketAddress;
  readonly shutdownEndpoint: boolean;
}

export interface TapConfig {
  readonly listen: SocketAddress;
  /** The only identity that may ask. */
  readonly clientId: string;
}

/** A service of the control plane. */
export interface ControlService {
  /** As configured; what requests carry as `:authority`. */
  readonly authority: string;
  /** A DNS name (absolute when it ends in a dot) or an IP address. */
  readonly host: string;
  readonly port: number;
  /** Reached over loopback: without TLS. */
  readonly loopback: boolean;
  /** The identity it must prove; null over loopback. */
  readonly identity: string | null;
}

export interface IdentityConfig {
  readonly trustAnchors: string;
  /** This proxy's identity: a DNS name, or a SPIFFE id where SPIRE vouches for it. */
  readonly name: string;
  /** The SNI of what is meant for this proxy; the identity itself where that is a DNS name. */
  readonly serverName: string;
  readonly source: IdentityServiceConfig | SpireConfig;
}

/** Certificates come from the control plane. */
export interface IdentityServiceConfig {
  readonly kind: 'identity-service';
  readonly service: ControlService;
  readonly directory: string;
  readonly tokenFile: string;
  readonly minRefreshMs: number;
  readonly maxRefreshMs: number;
}

/** Certificates come from a SPIRE agent beside this proxy. */
export interface SpireConfig {
  readonly kind: 'spire';
  /** The path of the agent's Unix socket. */
  readonly socket: string;
  /** Between streams. */
  readonly backoff: BackoffConfig;
}

export interface DestinationConfig {
  readonly service: ControlService;
  readonly context: string;
  /** Names that may have a service profile: lower case, '.' matches every name. */
  readonly profileSuffixes: readonly string[];
  readonly profileNetworks: readonly Cidr[];
}

export interface PolicyConfig {
  readonly service: ControlService;
  readonly workload: string;
  readonly clusterNetworks: readonly Cidr[];
}

/** Limits on streams from the control plane and on names. undefined: none. */
export interface ControlConfig {
  readonly streamInitialTimeoutMs: number | undefined;
  readonly streamIdleTimeoutMs: number | undefined;
  readonly streamLifetimeMs: number | undefined;
  readonly dnsMinTtlMs: number | undefined;
  readonly dnsMaxTtlMs: number | undefined;
}

export interface MetricsConfig {
  /** After which unused series are forgotten. */
  readonly retainIdleMs: number;
}

export interface LogConfig {
  readonly filter: string;
  readonly format: 'plain' | 'json';
  readonly access: 'apache' | 'json' | 'off';
}

export interface TracingConfig {
  readonly service: ControlService;
  /** Attributes of the resource, the stronger source winning. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface ShutdownConfig {
  readonly gracePeriodMs: number;
}

/** What is asked for; how many there are is for the system to say. */
export interface CoresConfig {
  readonly min: number;
  /** Stronger than the ratio. */
  readonly max: number | undefined;
  /** Share of the cores that there are, above 0 and up to 1. */
  readonly maxRatio: number | undefined;
}
