import type { ContenderName } from './contender.ts';
import { PORTS } from './pod-pair.ts';

/** What one measurement saw, whichever program made the load. */
export interface Sample {
  requestsPerSecond: number;
  megabytesPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  errors: number;
}

export type Load =
  | {
      program: 'load';
      mode: string;
      port: number;
      connections: number;
      argument?: number;
      rate?: number;
      /** Straight to the server's pod: the client has no proxy. */
      pastClientProxy?: boolean;
    }
  | { program: 'h2load'; port: number; connections: number; streams: number; grpc?: boolean };

export interface Metric {
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  of: (sample: Sample) => number;
}

export interface Row {
  name: string;
  title: string;
  load: Load;
  metrics: readonly Metric[];
  contenders: readonly ContenderName[];
}

const HTTP: readonly ContenderName[] = ['direct', 'haproxy-h1', 'haproxy-h2', 'stock', 'weft'];
/** Between haproxies, plain TCP is the same whichever HTTP they speak. */
const TCP: readonly ContenderName[] = ['direct', 'haproxy-h1', 'stock', 'weft'];
/** HTTP/1.1 between haproxies would lose what makes a call gRPC. */
const GRPC: readonly ContenderName[] = ['direct', 'haproxy-h2', 'stock', 'weft'];

const RATE: Metric = {
  name: 'rate',
  unit: '1/s',
  better: 'higher',
  of: (sample) => sample.requestsPerSecond,
};
const THROUGHPUT: Metric = {
  name: 'throughput',
  unit: 'MB/s',
  better: 'higher',
  of: (sample) => sample.megabytesPerSecond,
};
const P50: Metric = { name: 'p50', unit: 'ms', better: 'lower', of: (sample) => sample.p50Ms };
const P99: Metric = { name: 'p99', unit: 'ms', better: 'lower', of: (sample) => sample.p99Ms };

const http = (mode: string, connections: number, argument: number, rate?: number): Load => ({
  program: 'load',
  mode,
  port: PORTS.http,
  connections,
  argument,
  ...(rate === undefined ? {} : { rate }),
});

/** Everything that is measured by load; memory has a procedure of its own. */
export const ROWS: readonly Row[] = [
  {
    name: 'get-128',
    title: 'GET 128 B, 50 connections',
    load: http('get', 50, 128),
    metrics: [RATE],
    contenders: HTTP,
  },
  {
    name: 'get-16k',
    title: 'GET 16 KB, 50 connections',
    load: http('get', 50, 16_384),
    metrics: [RATE],
    contenders: HTTP,
  },
  {
    name: 'get-1m',
    title: 'GET 1 MB, 4 connections',
    load: http('get', 4, 1_048_576),
    metrics: [THROUGHPUT],
    contenders: HTTP,
  },
  {
    name: 'post-100k',
    title: 'POST 100 KB, 20 connections',
    load: http('post', 20, 102_400),
    metrics: [RATE],
    contenders: HTTP,
  },
  {
    name: 'h2-get',
    title: 'HTTP/2 GET 128 B, 5 connections of 10 streams',
    load: { program: 'h2load', port: PORTS.http2, connections: 5, streams: 10 },
    metrics: [RATE],
    contenders: HTTP,
  },
  {
    name: 'grpc-unary',
    title: 'gRPC, unary calls of 128 B each way, 10 connections of 20 streams',
    load: { program: 'h2load', port: PORTS.grpc, connections: 10, streams: 20, grpc: true },
    metrics: [RATE],
    contenders: GRPC,
  },
  {
    name: 'inbound-128',
    title: 'one proxy, inbound, client without a mesh: GET 128 B, 50 connections',
    load: {
      program: 'load',
      mode: 'get',
      port: PORTS.plain,
      connections: 50,
      argument: 128,
      pastClientProxy: true,
    },
    metrics: [RATE],
    contenders: TCP,
  },
  {
    name: 'tcp-echo',
    title: 'opaque TCP, echo of 64 B, 50 connections',
    load: { program: 'load', mode: 'echo', port: PORTS.echo, connections: 50, argument: 64 },
    metrics: [RATE],
    contenders: TCP,
  },
  {
    name: 'tcp-bulk',
    title: 'opaque TCP, bulk, 4 connections',
    load: { program: 'load', mode: 'source', port: PORTS.source, connections: 4 },
    metrics: [THROUGHPUT],
    contenders: TCP,
  },
  {
    name: 'connections-http',
    title: 'new connections, one GET each, 20 at a time',
    load: http('connect', 20, 128),
    metrics: [RATE],
    contenders: HTTP,
  },
  {
    name: 'connections-tcp',
    title: 'new opaque connections, one echo each, 20 at a time',
    load: { program: 'load', mode: 'echo-connect', port: PORTS.echo, connections: 20, argument: 64 },
    metrics: [RATE],
    contenders: TCP,
  },
  {
    name: 'latency',
    title: 'GET 128 B at 4 000 requests a second, 50 connections',
    load: http('get', 50, 128, 4_000),
    metrics: [P50, P99],
    contenders: HTTP,
  },
];

export const MEMORY = 'memory';
