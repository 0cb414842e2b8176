import { waitFor } from '../../harness/wait-for.ts';
import { kubectl, list } from './kubectl.ts';
import { isReady, type Pod } from './test-namespace.ts';

export type Component = 'identity' | 'destination' | 'proxy-injector';

const ADMIN_PORTS: Readonly<Record<Component, number>> = {
  identity: 9990,
  destination: 9996,
  'proxy-injector': 9995,
};

/** All pods of a service of the control plane, those that begin or end included. */
export function controlPlanePods(component: Component): Promise<readonly Pod[]> {
  return list<Pod>('pods', '-n', 'linkerd', '-l', `linkerd.io/control-plane-component=${component}`);
}

/** The pods of a service of the control plane that serve, as many as there shall be. */
export function servingPods(component: Component, replicas = 1): Promise<readonly Pod[]> {
  return waitFor(`${replicas} ready pods of ${component}`, 90_000, async () => {
    const pods = await controlPlanePods(component);
    return pods.length === replicas && pods.every(isReady) && pods;
  });
}

/** A service's page of metrics; of one of its pods. */
export function serviceMetrics(component: Component, pod: Pod): Promise<string> {
  const { namespace, name } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}:${ADMIN_PORTS[component]}/proxy/metrics`;
  return kubectl(['get', '--raw', path]);
}

export async function scaleControlPlane(component: Component, replicas: number): Promise<readonly Pod[]> {
  await kubectl(['scale', '-n', 'linkerd', `deploy/linkerd-${component}`, `--replicas=${replicas}`]);
  return servingPods(component, replicas);
}

/** What a service has logged since a moment. */
export function serviceLog({ metadata }: Pod, since: Date): Promise<string> {
  return kubectl(['logs', '-n', metadata.namespace, metadata.name, `--since-time=${since.toISOString()}`]);
}
