import { certificatesIn, leadsTo } from '../check/certificates/x509.ts';
import { anchorsOfProxy } from '../check/data-plane/trust.ts';
import type { JsonObject } from '../manifest/json.ts';
import { podName } from '../mesh/meshed-pod.ts';

/** Pods whose proxies would not trust certificates of this issuer: they were started with other anchors. */
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
  return pods.filter((pod) => anchorsOfProxy(pod) !== '' && !isTrusted(anchorsOfProxy(pod))).map(podName);
}
