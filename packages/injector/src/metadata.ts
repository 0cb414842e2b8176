import { createHash } from 'node:crypto';
import { proxyVersion, type Settings } from './settings.ts';

export type Origin = 'webhook' | 'cli-manual';

const CREATORS: Readonly<Record<Origin, string>> = {
  webhook: 'linkerd/proxy-injector',
  'cli-manual': 'linkerd/cli',
};

/** Kinds whose name a proxy's metrics carry; a cron job's only where its template was injected by hand. */
const LABELLED_KINDS: Readonly<Record<Origin, ReadonlySet<string>>> = {
  webhook: new Set(['deployment', 'replicaset', 'replicationcontroller', 'daemonset', 'statefulset', 'job']),
  'cli-manual': new Set([
    'deployment',
    'replicaset',
    'replicationcontroller',
    'daemonset',
    'statefulset',
    'job',
    'cronjob',
  ]),
};

/** What was injected, for people and for tools that look for outdated proxies. */
export function injectedAnnotations(settings: Settings, origin: Origin): readonly [string, string][] {
  const anchors = createHash('sha256').update(settings.identityTrustAnchorsPEM).digest('hex');
  return [
    ['linkerd.io/created-by', `${CREATORS[origin]} ${settings.linkerdVersion}`],
    ['linkerd.io/proxy-version', proxyVersion(settings)],
    ['linkerd.io/trust-root-sha256', anchors],
  ];
}

/** Labels by which meshed pods are found and their metrics told apart. */
export function injectedLabels(
  settings: Settings,
  namespace: string,
  owner: { kind: string; name: string } | undefined,
  origin: Origin,
): ReadonlyMap<string, string> {
  const labels = new Map([
    ['linkerd.io/control-plane-ns', settings.linkerdNamespace],
    ['linkerd.io/workload-ns', namespace],
  ]);
  const kind = owner?.kind.toLowerCase() ?? '';
  if (owner !== undefined && LABELLED_KINDS[origin].has(kind))
    labels.set(`linkerd.io/proxy-${kind}`, owner.name);
  return labels;
}
