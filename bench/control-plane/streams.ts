import type { CredentialsStore } from '@weft/service';
import { summarize } from '../src/statistics.ts';
import { type Mesh, serviceIdentity } from './accounts.ts';
import { BareWatch } from './bare-watch.ts';
import type { BenchCluster } from './cluster.ts';
import type { ControlPlaneService } from './control-plane.ts';
import { inParallel } from './in-parallel.ts';
import { BIG_ENDPOINTS, makeService, NAMESPACE, PORT, slicePath, slicesPath } from './objects.ts';
import { StreamCrowd } from './stream-crowd.ts';
import { seconds, timed } from './timings.ts';

const CHANGES = 7;
const BETWEEN_CHANGES_SECONDS = 1;
/** How long after the last stream its memory is looked at. */
const AFTER_SECONDS = 60;

export interface StreamsResult {
  readonly streams: number;
  readonly targets: number;
  readonly openedSeconds: number;
  readonly openedCpuSeconds: number;
  readonly residentMb: number;
  /** From the request that changes one endpoint to the last stream that knows: the median of several, in ms. */
  readonly changeMs: number;
  readonly changeCpuMs: number;
  /** The same to a bare watch at the API server: the median of the same changes. */
  readonly bareWatchMs: number;
  /** A minute after the streams have ended. */
  readonly residentAfterMb: number;
}

export interface StreamsOptions {
  readonly cluster: BenchCluster;
  readonly mesh: Mesh;
  readonly destination: ControlPlaneService;
  readonly credentials: CredentialsStore;
}

const targetOf = (service: string) => `${service}.${NAMESPACE}.svc.cluster.local:${PORT}`;

/** Many streams on one service of a hundred endpoints, of which one changes. */
export async function measureOneService(options: StreamsOptions, streams: number): Promise<StreamsResult> {
  await makeService(options.cluster, 'big', BIG_ENDPOINTS);
  const names = Array.from({ length: streams }, () => 'big');
  return measure(options, names, 'big', Array.from(names.keys()));
}

/** One stream on each of many services, of which one changes. */
export async function measureManyServices(options: StreamsOptions, services: number): Promise<StreamsResult> {
  const names = Array.from({ length: services }, (_, i) => `small-${i}`);
  await inParallel(services, 16, (i) => makeService(options.cluster, names[i]!, 1));
  return measure(options, names, 'small-0', [0]);
}

async function measure(
  { cluster, mesh, destination, credentials }: StreamsOptions,
  services: readonly string[],
  changed: string,
  told: readonly number[],
): Promise<StreamsResult> {
  const crowd = new StreamCrowd();
  const connection = {
    address: destination.address,
    serverName: serviceIdentity(mesh, 'destination'),
    credentials,
  };
  const cpuBefore = destination.cpuSeconds;
  const openedMs = await timed(() => crowd.open(services.map(targetOf), connection));
  const openedCpuSeconds = destination.cpuSeconds - cpuBefore;
  const residentMb = destination.memory.resident;

  const cpuBeforeChanges = destination.cpuSeconds;
  const watch = await BareWatch.open(cluster, slicesPath);
  const changes: number[] = [];
  const heard: number[] = [];
  for (let i = 0; i < CHANGES; i += 1) {
    await seconds(BETWEEN_CHANGES_SECONDS);
    const ip = freshAddress(i);
    const known = crowd.received(encodedAddress(ip), told);
    const value = ip.join('.');
    const change = [{ op: 'replace', path: '/endpoints/0/addresses/0', value }];
    const [inStreams, inWatch] = await Promise.all([
      timed(() => known),
      timed(() => watch.told(value)),
      cluster.patch(slicePath(changed), change),
    ]);
    changes.push(inStreams);
    heard.push(inWatch);
  }
  watch.close();
  const changeCpuMs = ((destination.cpuSeconds - cpuBeforeChanges) * 1000) / CHANGES;
  crowd.close();
  await seconds(AFTER_SECONDS);
  return {
    streams: services.length,
    targets: new Set(services).size,
    openedSeconds: openedMs / 1000,
    openedCpuSeconds,
    residentMb,
    changeMs: summarize(changes).median,
    changeCpuMs,
    bareWatchMs: summarize(heard).median,
    residentAfterMb: destination.memory.resident,
  };
}

/** An address that no earlier run has left behind. */
function freshAddress(round: number): readonly number[] {
  const number = Math.floor(Date.now() / 1000) + round * 65_536;
  return [10, 220 + ((number >> 16) & 15), (number >> 8) & 255, number & 255];
}

/** As it stands in a message: field 1, four bytes, little-endian. */
function encodedAddress(ip: readonly number[]): Buffer {
  return Buffer.from([0x0d, ...ip.toReversed()]);
}
