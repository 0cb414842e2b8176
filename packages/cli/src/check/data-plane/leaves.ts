import { type JsonObject, textAt } from '../../manifest/json.ts';
import { isEnding, podName } from '../../mesh/meshed-pod.ts';
import { inWords } from '../certificates/validity.ts';
import { type Check, type CheckContext, noneOf } from '../engine/check.ts';
import { meshedPods } from '../objects.ts';

/** Asking every proxy of a large mesh would take minutes. */
const MAX_ASKED = 100;
const AT_A_TIME = 8;
/** Proxies renew at 70 % of a certificate's life. */
const LATE = 0.85;

/** The value of a metric without labels that matter; undefined where it is not there. */
function metricIn(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text);
  return match === null ? undefined : Number(match[1]);
}

/** What is wrong about the certificate of a proxy, by its metrics; undefined where nothing is. */
export function leafProblem(metrics: string, now: number): string | undefined {
  const read = (name: string) =>
    metricIn(metrics, `control_identity_cert_${name}_timestamp_seconds`) ??
    metricIn(metrics, `identity_cert_${name}_timestamp_seconds`);
  const expiry = (read('expiration') ?? 0) * 1000;
  if (expiry === 0) return 'has no certificate';
  if (expiry < now) return `has a certificate that expired at ${new Date(expiry).toISOString()}`;
  const refreshed = (read('refresh') ?? 0) * 1000;
  const isLate = refreshed > 0 && now - refreshed > LATE * (expiry - refreshed);
  return isLate
    ? `should have renewed its certificate, which expires in ${inWords(expiry - now)}`
    : undefined;
}

async function problemOf(pod: JsonObject, { state, now }: CheckContext): Promise<string[]> {
  try {
    const problem = leafProblem(await state.proxyMetrics(pod), now);
    return problem === undefined ? [] : [`${podName(pod)} ${problem}`];
  } catch (error) {
    // A Job may have ended since the pods were listed.
    const current = await state.get(
      `/api/v1/namespaces/${textAt(pod, 'metadata', 'namespace')}/pods/${textAt(pod, 'metadata', 'name')}`,
    );
    if (current === undefined || isEnding(current)) return [];
    return [`${podName(pod)} cannot be asked: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** A part of the pods, spread evenly. */
function sampleOf(pods: readonly JsonObject[], size: number): JsonObject[] {
  const step = Math.max(1, pods.length / size);
  return Array.from({ length: Math.min(size, pods.length) }, (_, index) => pods[Math.floor(index * step)]!);
}

export const leavesValid: Check = {
  description: 'data plane proxies have valid certificates',
  severity: 'warning',
  remedy: 'see the logs of these proxies and of linkerd-identity',
  run: async (context) => {
    const waiting = sampleOf(await meshedPods(context), MAX_ASKED);
    const problems: string[] = [];
    const ask = async () => {
      for (let pod = waiting.pop(); pod !== undefined; pod = waiting.pop()) {
        problems.push(...(await problemOf(pod, context)));
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, ask));
    return noneOf(problems.sort());
  },
};
