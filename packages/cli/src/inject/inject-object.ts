import { applyPatch, InjectError, type InjectResult, inject } from '@weft/injector';
import { isJsonObject, type JsonObject, listAt, textAt } from '../manifest/json.ts';
import { isSupported, kindOf, metadataMapping, nameOf, podTemplateIn } from '../manifest/kinds.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import type { InjectPlan } from './plan.ts';
import { type InjectReport, noObject } from './report.ts';

const INJECT = 'linkerd.io/inject';
const OPAQUE_PORTS = 'config.linkerd.io/opaque-ports';
const COMPONENT_LABEL = 'linkerd.io/control-plane-component';
const HOST_NETWORK = 'host_network_enabled';
const SIDECAR = 'sidecar_already_exists';
const DISABLED = 'injection_disable_annotation_present';
const NO_TOKEN = 'disabled_automount_service_account_token_account';

/** Reasons that make a workload an error rather than one to leave alone, in the order in which they are told. */
const FATAL = [NO_TOKEN, HOST_NETWORK, SIDECAR];
const UDP = 'UDP port(s) configured on pod spec';

export interface Injected {
  readonly object: JsonObject;
  readonly report: InjectReport;
}

/**
 * Injects one object that holds nothing of an earlier injection, in the way Linkerd's `inject` does. Where that is
 * known to surprise, the user's wish decides instead:
 *
 * - `linkerd.io/inject: ingress` in the input stays, with or without `--ingress`, on every object.
 * - With `--manual`, flags are written down as annotations first and rendered from there, so a flag beats an
 *   annotation in the containers as it does in the annotation, names of ports become numbers, and
 *   `proxy-additional-env` is the template's.
 * - A flag that says what the cluster does anyway still beats an annotation that says otherwise.
 * - A custom resource that shares its kind's name with a workload is left alone, and fields of newer versions
 *   of Kubernetes are kept.
 *
 * @throws ManifestError for a workload that cannot be injected as it is.
 */
export function injectObject(object: JsonObject, plan: InjectPlan): Injected {
  if (!isSupported(object))
    return { object, report: { ...noObject, kind: kindOf(object), name: nameOf(object) } };
  const copy = structuredClone(object);
  const template = podTemplateIn(copy);
  if (template !== undefined) return injectTemplate(copy, template, plan);
  const kind = kindOf(object);
  if (kind === 'namespace') {
    setInject(copy, plan);
    writeOverrides(copy, plan);
  } else if (kind === 'service') {
    const opaque = plan.overrides.get(OPAQUE_PORTS);
    const present = textAt(object, 'metadata', 'annotations', OPAQUE_PORTS) !== '';
    if (opaque === undefined || (opaque.isDefault && !present))
      return { object, report: annotatable(object) };
    metadataMapping(copy, 'annotations')[OPAQUE_PORTS] = opaque.text;
  }
  // A workload without a pod template has nothing to annotate.
  else return { object, report: { ...noObject, kind, name: nameOf(object) } };
  return { object: copy, report: { ...annotatable(object), outcome: 'annotated' } };
}

function annotatable(object: JsonObject): InjectReport {
  return { ...noObject, kind: kindOf(object), name: nameOf(object), isAnnotatable: true };
}

function injectTemplate(copy: JsonObject, template: JsonObject, plan: InjectPlan): Injected {
  if (textAt(template, 'metadata', 'labels', COMPONENT_LABEL) !== '' && !plan.manual) {
    throw new ManifestError(
      'control_plane_component',
      '--manual must be set when injecting control plane components',
    );
  }
  const reasons = reasonsAgainst(copy, plan);
  const has = (code: string) => reasons.some((reason) => reason.code === code);
  const report: InjectReport = {
    ...annotatable(copy),
    outcome: reasons.length === 0 ? 'injected' : 'skipped',
    hostNetwork: has(HOST_NETWORK),
    sidecar: has(SIDECAR),
    disabled: has(DISABLED),
    udp: hasUdpPort(template),
    noToken: has(NO_TOKEN),
  };
  if (reasons.length > 0) {
    const texts = FATAL.flatMap((code) => reasons.filter((reason) => reason.code === code)).map(
      ({ text }) => text,
    );
    if (report.udp) texts.push(UDP);
    if (texts.length > 0) throw notInjectable(copy, texts.join(', '));
    return { object: copy, report };
  }
  if (plan.manual) return { object: renderSidecar(copy, template, plan), report };
  setInject(template, plan);
  writeOverrides(template, plan);
  writeTemplateAnnotations(template, plan);
  return { object: copy, report };
}

function notInjectable(object: JsonObject, problem: string, cause?: unknown): ManifestError {
  return new ManifestError(
    'not_injectable',
    `failed to inject ${kindOf(object)}/${nameOf(object)}: ${problem}`,
    cause,
  );
}

function runInjector(object: JsonObject, { values }: InjectPlan): InjectResult {
  const name = textAt(object, 'metadata', 'namespace');
  return inject({ workload: object, namespace: { name, annotations: {} }, values, origin: 'cli-manual' });
}

/** What stands against injecting it. A workload that fails to render had nothing against it. */
function reasonsAgainst(object: JsonObject, plan: InjectPlan): readonly { code: string; text: string }[] {
  try {
    const result = runInjector(object, plan);
    return result.kind === 'injected' ? [] : result.reasons;
  } catch (error) {
    if (error instanceof InjectError) return [];
    throw error;
  }
}

/** Writes everything down as annotations, then lets the injector render what they say. */
function renderSidecar(copy: JsonObject, template: JsonObject, plan: InjectPlan): JsonObject {
  if (wantsIngress(template, plan)) metadataMapping(template, 'annotations')[INJECT] = 'ingress';
  writeOverrides(template, plan);
  writeTemplateAnnotations(template, plan);
  try {
    const result = runInjector(copy, plan);
    return result.kind === 'skipped' ? copy : applyPatch(copy, result.patch);
  } catch (cause) {
    if (cause instanceof InjectError) throw notInjectable(copy, cause.message, cause);
    throw cause;
  }
}

function wantsIngress(owner: JsonObject, { ingress }: InjectPlan): boolean {
  return ingress || textAt(owner, 'metadata', 'annotations', INJECT) === 'ingress';
}

function setInject(owner: JsonObject, plan: InjectPlan): void {
  metadataMapping(owner, 'annotations')[INJECT] = wantsIngress(owner, plan) ? 'ingress' : 'enabled';
}

function writeOverrides(owner: JsonObject, { overrides }: InjectPlan): void {
  if (overrides.size === 0) return;
  const annotations = metadataMapping(owner, 'annotations');
  for (const [annotation, { text, isDefault }] of overrides) {
    if (!isDefault || annotation in annotations) annotations[annotation] = text;
  }
}

function writeTemplateAnnotations(template: JsonObject, { templateAnnotations }: InjectPlan): void {
  for (const [annotation, text] of templateAnnotations) {
    metadataMapping(template, 'annotations')[annotation] = text;
  }
}

function hasUdpPort(template: JsonObject): boolean {
  return listAt(template, 'spec', 'containers').some((container) =>
    listAt(container, 'ports').some((port) => isJsonObject(port) && port.protocol === 'UDP'),
  );
}
