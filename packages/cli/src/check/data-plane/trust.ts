import { type JsonObject, listAt, textAt } from '../../manifest/json.ts';
import { podName, proxyContainerOf } from '../../mesh/meshed-pod.ts';
import { certificatesIn } from '../certificates/x509.ts';
import { type Check, noneOf } from '../engine/check.ts';
import { meshedPods, trustAnchorsPem } from '../objects.ts';

const ANCHORS = 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS';

/** The anchors a pod's proxy was started with; empty where they come from elsewhere. */
export function anchorsOfProxy(pod: JsonObject): string {
  const variable = listAt(proxyContainerOf(pod), 'env').find((one) => textAt(one, 'name') === ANCHORS);
  return textAt(variable ?? null, 'value');
}

/** The same for every order and every way of writing them. */
function fingerprintsOf(pem: string, what: string): string {
  return certificatesIn(pem, what)
    .map(({ fingerprint256 }) => fingerprint256)
    .sort()
    .join();
}

/** Pods whose proxies trust other anchors than those in force. */
function podsWithOtherAnchors(pods: readonly JsonObject[], anchorsPem: string): string[] {
  const current = fingerprintsOf(anchorsPem, 'the trust anchors');
  const judged = new Map<string, boolean>();
  const isCurrent = (pem: string) => {
    const known = judged.get(pem);
    if (known !== undefined) return known;
    const same = fingerprintsOf(pem, ANCHORS) === current;
    judged.set(pem, same);
    return same;
  };
  return pods.flatMap((pod) => {
    const pem = anchorsOfProxy(pod);
    return pem === '' || isCurrent(pem) ? [] : [`${podName(pod)} trusts other anchors than those in force`];
  });
}

export const anchorsMatch: Check = {
  description: 'data plane proxies certificate match CA',
  anchor: 'l5d-identity-data-plane-proxies-certs-match-ca',
  severity: 'warning',
  remedy: 'restart their workloads, so that they are injected with the anchors in force',
  run: async (context) =>
    noneOf(podsWithOtherAnchors(await meshedPods(context), await trustAnchorsPem(context))),
};
