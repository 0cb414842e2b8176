import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contender.ts';
import { PORTS } from './pod-pair.ts';
import { capture, LOAD_CPU, PROXY_CPU, placed, startUntilReleased } from './processes.ts';
import type { Programs } from './programs.ts';
import type { Load, Sample } from './rows.ts';
import { cpuSeconds, cpuSecondsOf, type Memory, memoryOf } from './usage.ts';

export interface Measurement extends Sample {
  /** CPU time of both proxies for one request (one MB where there are no requests), in µs. */
  cpuMicros: number;
  /** Share of their core that both proxies used; well below 1, something else was the limit. */
  coreShare: number;
  /** Share of the proxies' core that processes outside of this benchmark took. */
  othersShare: number;
}

const WARM_UP_SHARE = 0.1;

interface LoadReport {
  requests: number;
  errors: number;
  bytes: number;
  seconds: number;
  p50Us: number;
  p99Us: number;
}

function h2loadCommand(
  { connections, streams, port, grpc = false }: Load & { program: 'h2load' },
  { grpcMessage }: Programs,
  address: string,
  seconds: number,
): readonly string[] {
  const warmUp = Math.max(1, Math.round(seconds * WARM_UP_SHARE));
  const timing = ['-D', String(Math.max(1, Math.round(seconds))), '--warm-up-time', String(warmUp)];
  const call = ['-d', grpcMessage, '-H', 'content-type: application/grpc', '-H', 'te: trailers'];
  const url = `http://${address}:${port}/${grpc ? 'bench.Application/Call' : '128'}`;
  return ['h2load', '-c', String(connections), '-m', String(streams), ...timing, ...(grpc ? call : []), url];
}

function loadCommand(
  programs: Programs,
  load: Load,
  { address, pods }: Contender,
  seconds: number,
): readonly string[] {
  if (load.program === 'h2load') return h2loadCommand(load, programs, address, seconds);
  const { mode, port, connections, argument = 0, rate = 0, pastClientProxy = false } = load;
  const target = pastClientProxy ? pods.serverAddress : address;
  return [programs.load, mode, target, ...[port, connections, seconds, argument, rate].map(String)];
}

function parseH2load(output: string): Sample {
  const finished = /finished in ([\d.]+)(m?s), ([\d.]+) req\/s/.exec(output);
  const counts = /(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(output);
  if (finished === null || counts === null)
    throw new Error(`h2load said nothing that could be read: ${output}`);
  const errors = Number(counts[2]) + Number(counts[3]) + Number(counts[4]);
  return { requestsPerSecond: Number(finished[3]), megabytesPerSecond: 0, p50Ms: 0, p99Ms: 0, errors };
}

function parseLoad(output: string): Sample {
  const report = JSON.parse(output) as LoadReport;
  return {
    requestsPerSecond: report.requests / report.seconds,
    megabytesPerSecond: report.bytes / report.seconds / 1e6,
    p50Ms: report.p50Us / 1000,
    p99Ms: report.p99Us / 1000,
    errors: report.errors,
  };
}

/** Puts one load on one contender. */
export async function measure(
  programs: Programs,
  load: Load,
  contender: Contender,
  seconds: number,
): Promise<Measurement> {
  const { pods, pids } = contender;
  const command = placed(loadCommand(programs, load, contender, seconds), {
    namespace: pods.client,
    cpu: LOAD_CPU,
  });
  const usage = () => ({
    own: cpuSeconds(pids),
    all: cpuSecondsOf(PROXY_CPU),
    seconds: performance.now() / 1000,
  });
  const before = usage();
  const output = await capture(command);
  const after = usage();
  const elapsed = after.seconds - before.seconds;
  const coreShare = (after.own - before.own) / elapsed;
  const othersShare = Math.max(0, (after.all - before.all) / elapsed - coreShare);
  const sample = load.program === 'h2load' ? parseH2load(output) : parseLoad(output);
  const perSecond = sample.requestsPerSecond || sample.megabytesPerSecond;
  const cpuMicros = perSecond === 0 ? 0 : (coreShare / perSecond) * 1e6;
  return { ...sample, cpuMicros, coreShare, othersShare };
}

/** Waits until a contender answers without errors on each of its ports. */
export async function warmUp(programs: Programs, contender: Contender): Promise<void> {
  const probes: Load[] = [
    { program: 'load', mode: 'get', port: PORTS.http, connections: 2, argument: 128 },
    { program: 'load', mode: 'echo', port: PORTS.echo, connections: 2, argument: 64 },
  ];
  for (const probe of probes) {
    for (let attempt = 1; ; attempt++) {
      const { errors, requestsPerSecond } = await measure(programs, probe, contender, 0.2);
      if (errors === 0 && requestsPerSecond > 0) break;
      if (attempt === 20) throw new Error(`${contender.name} does not answer on port ${probe.port}`);
      await sleep(250);
    }
  }
}

export interface MemoryReport {
  idle: Memory;
  withConnections: Memory;
  afterBurst: Memory;
  startMs: number | null;
  errors: number;
}

const HELD_CONNECTIONS = 500;
const BURST_CONNECTIONS = 2000;
/** Time for a runtime to give back what it no longer needs. */
const SETTLE_MS = 10_000;

/**
 * Memory of both proxies: some time after their start, with 500 connections that asked once, and some time after
 * 2 000 have come, asked once and gone.
 */
export async function measureMemory(programs: Programs, contender: Contender): Promise<MemoryReport> {
  const { pids, startMs } = contender;
  await sleep(SETTLE_MS);
  const idle = memoryOf(pids);
  const held = await holdConnections(programs, contender, HELD_CONNECTIONS);
  await sleep(1000);
  const withConnections = memoryOf(pids);
  await held.release();
  const burst = await holdConnections(programs, contender, BURST_CONNECTIONS);
  await burst.release();
  await sleep(SETTLE_MS);
  const errors = held.errors + burst.errors;
  return { idle, withConnections, afterBurst: memoryOf(pids), startMs, errors };
}

async function holdConnections({ load }: Programs, { pods, address }: Contender, count: number) {
  const command = [load, 'hold', address, String(PORTS.http), String(count), '0', '128'];
  const { line, release } = await startUntilReleased(
    placed(command, { namespace: pods.client, cpu: LOAD_CPU }),
  );
  return { errors: (JSON.parse(line) as { errors: number }).errors, release };
}
