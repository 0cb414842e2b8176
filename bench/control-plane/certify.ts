import { BenchAccount, type Mesh } from './accounts.ts';
import type { BenchCluster } from './cluster.ts';
import type { ControlPlaneService } from './control-plane.ts';
import { quantile, timed } from './timings.ts';

/** More than one, since what one identity may be issued in a second is limited. */
const ACCOUNTS = 8;
const CALLS_IN_FLIGHT_EACH = 2;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 8_000;

export interface CertifyResult {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly cpuMsPerCall: number;
  readonly residentMb: number;
}

/** How many certificates a second proxies can get, each request with a review of its token. */
export async function measureCertify(
  cluster: BenchCluster,
  mesh: Mesh,
  identity: ControlPlaneService,
): Promise<CertifyResult> {
  const names = Array.from({ length: ACCOUNTS }, (_, i) => `account-${i}`);
  const accounts = await Promise.all(names.map((name) => BenchAccount.make(cluster, mesh, identity, name)));
  try {
    await callFor(accounts, WARM_UP_MS);
    const cpuBefore = identity.cpuSeconds;
    const begun = performance.now();
    const times = await callFor(accounts, MEASURED_MS);
    const secondsTaken = (performance.now() - begun) / 1000;
    return {
      perSecond: times.length / secondsTaken,
      medianMs: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
      cpuMsPerCall: ((identity.cpuSeconds - cpuBefore) * 1000) / times.length,
      residentMb: identity.memory.resident,
    };
  } finally {
    for (const account of accounts) account.close();
  }
}

async function callFor(accounts: readonly BenchAccount[], ms: number): Promise<readonly number[]> {
  const end = performance.now() + ms;
  const times: number[] = [];
  const callers = accounts.flatMap((account) => Array.from({ length: CALLS_IN_FLIGHT_EACH }, () => account));
  await Promise.all(
    callers.map(async (account) => {
      while (performance.now() < end) times.push(await timed(() => account.certify()));
    }),
  );
  return times;
}
