import { type Labels, sumOf } from '../../harness/metrics.ts';
import { type Component, controlPlanePods, serviceLog, serviceMetrics } from './control-plane.ts';

/** The lines that all replicas of a service have logged since a moment. */
export async function logOf(component: Component, since: Date): Promise<readonly string[]> {
  const pods = await controlPlanePods(component);
  const logs = await Promise.all(pods.map((pod) => serviceLog(pod, since)));
  // A server looks at whole seconds.
  const isLater = (line: string) => Date.parse(line.split(' ')[0] ?? '') >= since.getTime();
  return logs.flatMap((log) => log.split('\n')).filter(isLater);
}

/** The sum of a metric over all replicas of a service, of the samples that have these labels. */
export async function metricOf(component: Component, name: string, labels: Labels = {}): Promise<number> {
  const pods = await controlPlanePods(component);
  const pages = await Promise.all(pods.map((pod) => serviceMetrics(component, pod)));
  return pages.reduce((sum, page) => sum + sumOf(page, name, labels), 0);
}
