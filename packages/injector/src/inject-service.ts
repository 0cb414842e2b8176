import { OPAQUE_PORTS } from './annotations/keys.ts';
import { annotationsOf } from './annotations/layers.ts';
import type { InjectInput, InjectResult } from './inject-result.ts';
import { opaquePortsOfService } from './opaque-ports.ts';
import { PatchBuilder } from './patch.ts';
import { UNSUPPORTED_RESOURCE } from './skip-reason.ts';
import type { InjectorValues } from './values.ts';
import type { ServicePort, Workload } from './workload.ts';

/** Marks a Service's opaque ports for its clients' proxies, or answers `undefined` where there is nothing to mark. */
export function injectService({
  workload,
  namespace,
  values,
  origin,
}: InjectInput): InjectResult | undefined {
  if (String(workload.kind ?? '').toLowerCase() !== 'service' || origin !== 'webhook') return undefined;
  if (annotationsOf(workload.metadata?.annotations).has(OPAQUE_PORTS)) return undefined;
  const text = annotationsOf(namespace.annotations).get(OPAQUE_PORTS) ?? defaultsOf(workload, values);
  if (text === undefined) return undefined;
  const patch = new PatchBuilder('');
  patch.addMembers('/metadata/annotations', workload.metadata?.annotations, new Map([[OPAQUE_PORTS, text]]));
  const reasons = [UNSUPPORTED_RESOURCE];
  return { kind: 'annotated', patch: patch.operations, reasons, warnings: [], annotationAt: '' };
}

function defaultsOf({ spec }: Workload, values: InjectorValues): string | undefined {
  const { ports } = (spec ?? {}) as { ports?: readonly ServicePort[] | null };
  return opaquePortsOfService(ports ?? [], values.proxy.opaquePorts) || undefined;
}
