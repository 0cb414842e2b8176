import { certificatesIn, leadsTo } from '../check/certificates/x509.ts';
import { anchorsOfProxy } from '../check/data-plane/trust.ts';
import type { JsonObject } from '../manifest/json.ts';
import { isFinished, podName } from '../mesh/meshed-pod.ts';

/** Pods whose proxies run and would not trust certificates of this issuer: they were started with other anchors. */
export function podsThatDistrust(pods: readonly JsonObject[], issuerPem: string): string[] {
  const chain = certificatesIn(issuerPem, 'the issuer');
  const judged = new Map<string, boolean>();
  const isTrusted = (anchorsPem: string) => {
    const known = judged.get(anchorsPem);
    if (known !== undefined) return known;
    const trusted = leadsTo(chain, certificatesIn(anchorsPem, 'the anchors of a proxy'));
    judged.set(anchorsPem, trusted);
    return trusted;
  };
  const distrusts = (pod: JsonObject) => anchorsOfProxy(pod) !== '' && !isTrusted(anchorsOfProxy(pod));
  return pods.filter((pod) => !isFinished(pod) && distrusts(pod)).map(podName);
}
