import { ADMIN_SHUTDOWN } from './annotations/keys.ts';
import type { Annotations } from './annotations/layers.ts';
import type { Settings } from './settings.ts';

/** Kinds, lower-case, whose pods have to end. */
const ENDING: ReadonlySet<string> = new Set(['job', 'cronjob']);

/**
 * Opens the shutdown endpoint in a pod of a Job whose proxy is an ordinary container: there, Kubernetes waits for the
 * proxy too, and nobody but the job can tell that it is done. The endpoint answers the pod itself alone. An annotation
 * that says otherwise counts more. Linkerd leaves it closed, and such a Job never completes.
 */
export function letJobEnd(
  settings: Settings,
  { ownerKind, annotations }: { readonly ownerKind: string | undefined; readonly annotations: Annotations },
): void {
  const isJob = ENDING.has(ownerKind?.toLowerCase() ?? '');
  if (!isJob || settings.proxy.nativeSidecar || annotations.has(ADMIN_SHUTDOWN)) return;
  settings.proxy.enableShutdownEndpoint = true;
}
