/**
 * The parts of Kubernetes objects that injection reads, as they arrive from JSON or YAML. Everything is
 * optional: an object that a user wrote may lack any of it.
 */
export interface ObjectMeta {
  name?: string | undefined;
  generateName?: string | undefined;
  namespace?: string | undefined;
  annotations?: Record<string, string> | null | undefined;
  labels?: Record<string, string> | null | undefined;
}

export interface ContainerPort {
  name?: string | undefined;
  containerPort?: number | undefined;
  protocol?: string | undefined;
}

export interface Probe {
  httpGet?: { port?: number | string | undefined } | null | undefined;
}

export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean | undefined;
}

export interface Capabilities {
  add?: readonly string[] | null | undefined;
  drop?: readonly string[] | null | undefined;
}

export interface Container {
  name?: string | undefined;
  image?: string | undefined;
  ports?: readonly ContainerPort[] | null | undefined;
  readinessProbe?: Probe | null | undefined;
  livenessProbe?: Probe | null | undefined;
  volumeMounts?: readonly VolumeMount[] | null | undefined;
  securityContext?: { capabilities?: Capabilities | null | undefined } | null | undefined;
}

export interface PodSpec {
  containers?: readonly Container[] | null | undefined;
  initContainers?: readonly Container[] | null | undefined;
  volumes?: readonly unknown[] | null | undefined;
  hostNetwork?: boolean | undefined;
  automountServiceAccountToken?: boolean | undefined;
}

export interface PodTemplate {
  metadata?: ObjectMeta | null | undefined;
  spec?: PodSpec | null | undefined;
}

export interface ServicePort {
  port?: number | undefined;
  targetPort?: number | string | null | undefined;
}

/** Any Kubernetes object; only those of {@link podTemplateOf} and Services mean something to the injector. */
export interface Workload {
  kind?: string | undefined;
  metadata?: ObjectMeta | null | undefined;
  spec?: unknown;
}

/** A workload's pod template and where in the object it stands. */
export interface LocatedPodTemplate {
  /** Lower-case kind of the workload. */
  kind: string;
  /** JSON pointer of the template inside the workload, empty for a Pod. */
  prefix: string;
  template: PodTemplate;
}

const TEMPLATE_POINTERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['pod', []],
  ['deployment', ['spec', 'template']],
  ['replicaset', ['spec', 'template']],
  ['replicationcontroller', ['spec', 'template']],
  ['daemonset', ['spec', 'template']],
  ['statefulset', ['spec', 'template']],
  ['job', ['spec', 'template']],
  ['cronjob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Finds the pod template by `kind` alone (any case), or `undefined` where the kind has none. */
export function podTemplateOf(workload: Workload): LocatedPodTemplate | undefined {
  const kind = String(workload.kind ?? '').toLowerCase();
  const pointer = TEMPLATE_POINTERS.get(kind);
  if (pointer === undefined) return undefined;
  let node: unknown = workload;
  for (const member of pointer) node = (node as Record<string, unknown> | null | undefined)?.[member];
  const template = node as PodTemplate | null | undefined;
  if (template?.spec === undefined || template.spec === null) return undefined;
  return { kind, prefix: pointer.map((member) => `/${member}`).join(''), template };
}

/** Init containers first, then application containers: the order in which ports are looked up. */
export function allContainers(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}
