import { debugContainer } from './containers/debug.ts';
import { initContainer } from './containers/init.ts';
import { networkValidatorContainer } from './containers/network-validator.ts';
import { proxyContainer } from './containers/proxy.ts';
import type { Injection } from './injection.ts';
import { PatchBuilder, type PatchOperation } from './patch.ts';
import { proxyVolumes, xtablesLockVolume } from './volumes.ts';
import type { LocatedPodTemplate } from './workload.ts';

/** Annotations alone: what a workload gets that is not injected. */
export function annotationPatch(
  { prefix, template }: LocatedPodTemplate,
  annotations: ReadonlyMap<string, string>,
): PatchOperation[] {
  const patch = new PatchBuilder(prefix);
  addAnnotations(patch, template, annotations);
  return patch.operations;
}

/** The whole sidecar, operation by operation in the order in which Linkerd writes them. */
export function podPatch(
  { prefix, template }: LocatedPodTemplate,
  injection: Injection,
  annotations: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): PatchOperation[] {
  const { settings, spec } = injection;
  const { nativeSidecar, await: awaited } = settings.proxy;
  const patch = new PatchBuilder(prefix);
  addAnnotations(patch, template, annotations);
  patch.addMembers('/metadata/labels', template.metadata?.labels, labels);
  if ((spec.volumes ?? []).length === 0) patch.add('/spec/volumes', []);
  if ((spec.initContainers ?? []).length === 0) patch.add('/spec/initContainers', []);
  if (!settings.cniEnabled) patch.add('/spec/volumes/-', xtablesLockVolume(settings));
  patch.add(
    nativeSidecar ? '/spec/initContainers/0' : '/spec/initContainers/-',
    settings.cniEnabled ? networkValidatorContainer(settings) : initContainer(injection),
  );
  if (settings.debugSidecar) patch.add('/spec/containers/-', debugContainer(settings));
  for (const volume of proxyVolumes(settings)) patch.add('/spec/volumes/-', volume);
  patch.add(proxyPath(nativeSidecar, awaited), proxyContainer(injection));
  return patch.operations;
}

function addAnnotations(
  patch: PatchBuilder,
  { metadata }: LocatedPodTemplate['template'],
  annotations: ReadonlyMap<string, string>,
): void {
  if (Object.keys(metadata ?? {}).length === 0) patch.add('/metadata', {});
  patch.addMembers('/metadata/annotations', metadata?.annotations, annotations);
}

/** A native sidecar starts right after the redirection; an awaited one before the application; else last. */
function proxyPath(nativeSidecar: boolean, awaited: boolean): string {
  if (nativeSidecar) return '/spec/initContainers/1';
  return awaited ? '/spec/containers/0' : '/spec/containers/-';
}
