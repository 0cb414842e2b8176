import { Counter, Gauge, type Registry } from 'prom-client';
import { annotationsOf } from '../annotations/layers.ts';
import { ANNOTATIONS } from '../annotations/table.ts';
import type { AnnotationAt } from '../decision.ts';
import type { Workload } from '../workload.ts';
import type { OwnerLookupResult } from './cluster/owner-resolver.ts';

const PREFIX = 'config.linkerd.io/';

/** Stable annotations of a namespace's reach; each is a label that carries the pod's own text. */
const CONFIG = ANNOTATIONS.filter(({ key, scope }) => scope === 'namespace' && key.startsWith(PREFIX)).map(
  ({ key }) => ({ key, label: key.slice(PREFIX.length).replaceAll('-', '_') }),
);

/** What users write becomes a label: beyond this many characters or series it is counted as one. */
const LABEL_LENGTH = 64;
const SERIES = 1000;
const OTHER = 'other';

type Labels = Record<string, string>;

export interface AdmittedObject {
  readonly object: Workload;
  /** Lower case; empty for what is no pod. */
  readonly ownerKind: string;
  readonly namespace: string;
  readonly annotationAt: AnnotationAt;
}

function labelsOf({ object, ownerKind, namespace, annotationAt }: AdmittedObject): Labels {
  const own = annotationsOf(object.metadata?.annotations);
  const labels: Labels = { owner_kind: ownerKind, namespace, annotation_at: annotationAt };
  for (const { key, label } of CONFIG) {
    const text = own.get(key) ?? '';
    labels[label] = text.length > LABEL_LENGTH ? OTHER : text;
  }
  return labels;
}

/** Linkerd's counters of injection, with a bound on their series. */
export class InjectionMetrics {
  readonly #requests: Counter;
  readonly #responses: Counter;
  readonly #lookups: Counter<'result'>;
  readonly #registry: Registry;
  readonly #series = new Set<string>();

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ['owner_kind', 'namespace', 'annotation_at', ...CONFIG.map(({ label }) => label)];
    this.#registry = registry;
    this.#requests = new Counter({
      name: 'proxy_inject_admission_requests_total',
      help: 'Pods and Services that were asked about',
      labelNames,
      registers,
    });
    this.#responses = new Counter({
      name: 'proxy_inject_admission_responses_total',
      help: 'Answers, by whether the object was left as it is and why',
      labelNames: [...labelNames, 'skip', 'skip_reason'],
      registers,
    });
    this.#lookups = new Counter({
      name: 'proxy_inject_owner_lookups_total',
      help: 'Lookups of the owners of ReplicaSets and Jobs: remembered, asked of the API server, failed',
      labelNames: ['result'],
      registers,
    });
  }

  requested(admitted: AdmittedObject): void {
    this.#requests.inc(this.#bounded(labelsOf(admitted)));
  }

  patched(admitted: AdmittedObject): void {
    this.#responses.inc({ ...this.#bounded(labelsOf(admitted)), skip: 'false', skip_reason: '' });
  }

  skipped(admitted: AdmittedObject, reasons: readonly string[]): void {
    this.#responses.inc({
      ...this.#bounded(labelsOf(admitted)),
      skip: 'true',
      skip_reason: reasons.join(','),
    });
  }

  ownerLookup(result: OwnerLookupResult): void {
    this.#lookups.inc({ result });
  }

  /** Shows how many owners are remembered. */
  observeOwners(size: () => number): void {
    new Gauge({
      name: 'proxy_inject_owners_remembered',
      help: 'Owners of ReplicaSets and Jobs that are remembered',
      registers: [this.#registry],
      collect() {
        this.set(size());
      },
    });
  }

  #bounded(labels: Labels): Labels {
    const key = Object.values(labels).join('\u0000');
    if (this.#series.has(key)) return labels;
    if (this.#series.size < SERIES) {
      this.#series.add(key);
      return labels;
    }
    return Object.fromEntries(Object.keys(labels).map((name) => [name, OTHER]));
  }
}
