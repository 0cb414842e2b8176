import type { ServerOptions } from '@grpc/grpc-js';

/** What a peer may use of a server. */
export interface GrpcLimits {
  /** Largest request, in bytes; more is RESOURCE_EXHAUSTED. Requests of these APIs are names and tokens. */
  readonly maxRequestBytes: number;
  /** Connections at a time; more are closed at once and counted. */
  readonly maxConnections: number;
  /** Memory of one HTTP/2 connection, in MB; beyond it new streams are refused. */
  readonly maxSessionMemoryMb: number;
  /** How often a silent connection is pinged, and how long it has to answer before it is closed, in ms. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** How long a connection may stay without any call, in ms. */
  readonly idleMs: number;
  /** How long a TLS handshake may take, in ms. */
  readonly handshakeMs: number;
}

export const defaultLimits: GrpcLimits = {
  maxRequestBytes: 64 * 1024,
  maxConnections: 16_384,
  maxSessionMemoryMb: 64,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  idleMs: 300_000,
  handshakeMs: 10_000,
};

/** Concurrent streams are not limited: one proxy watches as many names as its applications use. */
export function grpcOptions(limits: GrpcLimits): ServerOptions {
  return {
    'grpc.max_receive_message_length': limits.maxRequestBytes,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': limits.keepaliveMs,
    'grpc.keepalive_timeout_ms': limits.keepaliveTimeoutMs,
    'grpc.max_connection_idle_ms': limits.idleMs,
    'grpc-node.max_session_memory': limits.maxSessionMemoryMb,
    'grpc.enable_channelz': 0,
  };
}
