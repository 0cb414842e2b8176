import { type Json, type JsonObject, listAt, memberAt, textAt } from '../manifest/json.ts';

export const PROXY_CONTAINER = 'linkerd-proxy';
export const CONTROL_PLANE_NAMESPACE_LABEL = 'linkerd.io/control-plane-ns';

/** The proxy among a pod's containers, native sidecar or not; undefined where the pod has none. */
export function proxyContainerOf(pod: JsonObject): Json | undefined {
  return [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')].find(
    (container) => textAt(container, 'name') === PROXY_CONTAINER,
  );
}

/** The version of a pod's proxy: what injection wrote down, else the tag of its image. Empty without a proxy. */
export function proxyVersionOf(pod: JsonObject): string {
  const proxy = proxyContainerOf(pod);
  if (proxy === undefined) return '';
  return (
    textAt(pod, 'metadata', 'annotations', 'linkerd.io/proxy-version') ||
    (/:([^/:@]+)(?:@.*)?$/.exec(textAt(proxy, 'image'))?.[1] ?? 'unknown')
  );
}

/** `namespace/name` */
export function podName(pod: JsonObject): string {
  return `${textAt(pod, 'metadata', 'namespace')}/${textAt(pod, 'metadata', 'name')}`;
}

/** Whether a pod has ended, one way or the other. */
export function isFinished(pod: JsonObject): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
}

/** Whether a pod has ended or is about to: deleted, or with nothing but sidecars left of it. */
export function isEnding(pod: JsonObject): boolean {
  if (isFinished(pod) || textAt(pod, 'metadata', 'deletionTimestamp') !== '') return true;
  const containers = listAt(pod, 'status', 'containerStatuses').filter(
    (status) => textAt(status, 'name') !== PROXY_CONTAINER,
  );
  return (
    containers.length > 0 &&
    containers.every((status) => memberAt(status, 'state', 'terminated') !== undefined)
  );
}
