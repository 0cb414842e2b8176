import { applyAnnotations } from './annotations/apply.ts';
import { OPAQUE_PORTS, WAIT_BEFORE_EXIT } from './annotations/keys.ts';
import { type Annotations, annotationsOf, type Layers } from './annotations/layers.ts';
import { unknownAnnotationWarnings } from './annotations/unknown.ts';
import { decideByHand, decideByLayers } from './decision.ts';
import type { InjectInput, InjectResult } from './inject-result.ts';
import { injectService } from './inject-service.ts';
import { letJobEnd } from './job.ts';
import { injectedAnnotations, injectedLabels } from './metadata.ts';
import { opaquePortsOfPod } from './opaque-ports.ts';
import type { PatchOperation } from './patch.ts';
import { annotationPatch, podPatch } from './pod-patch.ts';
import { containerPorts, hasUdpPort, namedPorts } from './pod-ports.ts';
import type { Settings } from './settings.ts';
import { skipReasons } from './skip.ts';
import { UNSUPPORTED_RESOURCE } from './skip-reason.ts';
import { assertRenderable } from './validate.ts';
import type { InjectorValues } from './values.ts';
import { type LocatedPodTemplate, type PodSpec, podTemplateOf } from './workload.ts';

/**
 * Decides about one workload and renders its patch. Pure: the same input gives the same patch.
 * @throws InjectError where the configuration cannot be rendered (see its codes).
 */
export function inject(input: InjectInput): InjectResult {
  const located = podTemplateOf(input.workload);
  if (located !== undefined) return injectTemplate(located, input);
  return (
    injectService(input) ?? {
      kind: 'skipped',
      reasons: [UNSUPPORTED_RESOURCE],
      warnings: [],
      annotationAt: '',
    }
  );
}

function layersOf({ template }: LocatedPodTemplate, { namespace, origin }: InjectInput): Layers {
  return {
    namespace: origin === 'webhook' ? annotationsOf(namespace.annotations) : new Map(),
    pod: annotationsOf(template.metadata?.annotations),
  };
}

function injectTemplate(located: LocatedPodTemplate, input: InjectInput): InjectResult {
  const { values, origin } = input;
  const spec = located.template.spec!;
  const layers = layersOf(located, input);
  const decision = origin === 'webhook' ? decideByLayers(layers) : decideByHand(layers);
  const { annotationAt } = decision;
  const reasons = [...skipReasons(spec, decision, values, origin)];
  const opaquePorts = origin === 'webhook' ? opaquePortsToWrite(located, layers, values) : undefined;
  if (reasons.length === 0) return { ...render(located, input, layers, opaquePorts), annotationAt };
  const warnings = [...unknownAnnotationWarnings(layers)];
  if (opaquePorts === undefined) return { kind: 'skipped', reasons, warnings, annotationAt };
  const patch = annotationPatch(located, new Map([[OPAQUE_PORTS, opaquePorts]]));
  return { kind: 'annotated', patch, reasons, warnings, annotationAt };
}

/** The annotation by which other parts of the mesh learn of a pod's opaque ports, where it has none yet. */
function opaquePortsToWrite(
  { template }: LocatedPodTemplate,
  { namespace, pod }: Layers,
  values: InjectorValues,
): string | undefined {
  if (pod.has(OPAQUE_PORTS)) return undefined;
  const declared = opaquePortsOfPod(containerPorts(template.spec!), values.proxy.opaquePorts);
  return namespace.get(OPAQUE_PORTS) ?? (declared === '' ? undefined : declared);
}

function render(
  located: LocatedPodTemplate,
  input: InjectInput,
  layers: Layers,
  opaquePorts: string | undefined,
): { kind: 'injected'; patch: PatchOperation[]; warnings: string[] } {
  const { template } = located;
  const spec = template.spec!;
  const applied = applyAnnotations(input.values, layers, { namedPorts: namedPorts(spec) });
  const { settings } = applied;
  if (opaquePorts !== undefined && !layers.namespace.has(OPAQUE_PORTS))
    settings.proxy.opaquePorts = opaquePorts;
  const owner = ownerOf(located, input);
  letJobEnd(settings, {
    ownerKind: owner?.kind,
    annotations: new Map([...applied.inherited, ...layers.pod]),
  });
  assertRenderable(settings);
  const added = new Map([...applied.inherited, ...injectedAnnotations(settings, input.origin)]);
  if (opaquePorts !== undefined) added.set(OPAQUE_PORTS, opaquePorts);
  const annotations: Annotations = new Map([...layers.pod, ...added]);
  const patch = podPatch(
    located,
    { settings, spec, annotations, labels: annotationsOf(template.metadata?.labels) },
    added,
    injectedLabels(settings, input.namespace.name, owner, input.origin),
  );
  const warnings = [
    ...unknownAnnotationWarnings(layers),
    ...applied.warnings,
    ...podWarnings(spec, settings, annotations),
  ];
  return { kind: 'injected', patch, warnings };
}

/** What is legal but will not do what its author may expect. */
function podWarnings(spec: PodSpec, settings: Settings, annotations: Annotations): string[] {
  const warnings: string[] = [];
  if (hasUdpPort(spec)) {
    warnings.push('UDP port(s) configured on pod spec: UDP does not pass through the proxy');
  }
  if (settings.proxy.nativeSidecar && annotations.has(WAIT_BEFORE_EXIT)) {
    warnings.push(
      `annotation "${WAIT_BEFORE_EXIT}" has no effect on a native sidecar, which ends after the application`,
    );
  }
  return warnings;
}

function ownerOf({ kind }: LocatedPodTemplate, { workload, owner }: InjectInput) {
  if (kind !== 'pod') return { kind, name: workload.metadata?.name ?? '' };
  return owner;
}
