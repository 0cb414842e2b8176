import { identityName } from '../control-plane.ts';
import type { EnvVar } from '../env-var.ts';
import type { Injection } from '../injection.ts';
import { PODINFO } from '../paths.ts';
import { setting } from './entries.ts';

const ATTRIBUTE_ANNOTATION = 'resource.opentelemetry.io/';

/** Resource attributes of the pod's spans: configured labels, then the pod's labels, then its annotations. */
function attributes({ settings, labels, annotations }: Injection): string {
  const merged = new Map(Object.entries(settings.proxy.tracing.labels));
  const service = labels.get('app.kubernetes.io/instance') ?? labels.get('app.kubernetes.io/name');
  if (service !== undefined) merged.set('service.name', service);
  for (const [key, value] of annotations) {
    if (key.startsWith(ATTRIBUTE_ANNOTATION)) merged.set(key.slice(ATTRIBUTE_ANNOTATION.length), value);
  }
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

export function tracing(injection: Injection): readonly EnvVar[] {
  const { settings } = injection;
  const { enabled, protocol, traceServiceName, collector } = settings.proxy.tracing;
  if (!enabled) return [];
  const { serviceAccountName, namespace } = collector.meshIdentity;
  return [
    setting('TRACE_ATTRIBUTES_PATH', `${PODINFO.mountPath}/labels`),
    setting('TRACE_ANNOTATIONS_PATH', `${PODINFO.mountPath}/annotations`),
    setting('TRACE_PROTOCOL', protocol),
    setting('TRACE_SERVICE_NAME', traceServiceName),
    setting('TRACE_COLLECTOR_SVC_ADDR', collector.endpoint),
    setting('TRACE_COLLECTOR_SVC_NAME', identityName(serviceAccountName, namespace, settings)),
    setting('TRACE_EXTRA_ATTRIBUTES', attributes(injection)),
  ];
}
