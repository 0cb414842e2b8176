import { waitFor } from '../../harness/wait-for.ts';
import { type Component, controlPlanePods, serviceMetrics, servingPods } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { isReady, type TestNamespace } from './test-namespace.ts';

/** Replaces the pods of a service as `kubectl rollout restart` does, and waits until the old ones are gone. */
export async function restart(component: Component): Promise<void> {
  const before = (await controlPlanePods(component)).map(({ metadata }) => metadata.name);
  await kubectl(['rollout', 'restart', '-n', 'linkerd', `deploy/linkerd-${component}`]);
  await waitFor(`the pods of ${component} are new`, 90_000, async () => {
    const pods = await controlPlanePods(component);
    return pods.length > 0 && pods.every((pod) => isReady(pod) && !before.includes(pod.metadata.name));
  });
}

/** The same for Deployments of an application, all at once. */
export async function restartWorkloads(namespace: TestNamespace, names: readonly string[]): Promise<void> {
  await namespace.kubectl(['rollout', 'restart', ...names.map((name) => `deploy/${name}`)]);
  await namespace.ready(180);
  for (const name of names) {
    await waitFor(`the old pods of ${name} are gone`, 90_000, async () =>
      (await namespace.pods(name)).every(isReady),
    );
  }
}

/** How many streams proxies have open to the one pod of destination. */
export async function openStreams(): Promise<number> {
  const [pod] = await servingPods('destination');
  const page = await serviceMetrics('destination', pod!);
  const samples = page.match(/^grpc_server_streams\S* \d+$/gm) ?? [];
  return samples.reduce((sum, sample) => sum + Number(sample.split(' ').at(-1)), 0);
}
