import type { AdmissionDecision, AdmissionRequest, Admit } from '@weft/admission';
import type { EventSink } from '@weft/kubernetes';
import { ServiceError } from '@weft/service';
import { inject } from '../inject.ts';
import type { InjectResult } from '../inject-result.ts';
import type { Workload } from '../workload.ts';
import type { ClusterFacts } from './cluster/cluster-facts.ts';
import type { OwnerResolver, ResolvedOwner } from './cluster/owner-resolver.ts';
import type { AdmittedObject, InjectionMetrics } from './metrics.ts';
import { withDefaultInjection } from './values/default-injection.ts';
import type { WebhookValues } from './values/webhook-values.ts';

export interface InjectionWebhook {
  /** The configuration in force; undefined until there is one. */
  readonly values: () => WebhookValues | undefined;
  readonly facts: Pick<ClusterFacts, 'namespaceAnnotations'>;
  readonly owners: OwnerResolver;
  readonly events: EventSink;
  readonly metrics: InjectionMetrics;
}

/** The webhook's decision about Pods and Services that are created. */
export function admitWith(webhook: InjectionWebhook): Admit {
  return async (request, signal) => {
    const values = webhook.values();
    if (values === undefined)
      throw new ServiceError('unavailable', 'the injector has no usable configuration yet; see its log');
    const workload = workloadOf(request);
    const isPod = request.kind.kind === 'Pod';
    const { namespace } = request;
    const [annotations, owner] = await Promise.all([
      webhook.facts.namespaceAnnotations(namespace, signal),
      isPod ? webhook.owners.resolve(workload, namespace) : undefined,
    ]);
    const result = resultOf(webhook, values, { workload, namespace, annotations, owner });
    report(webhook, request, { workload, owner, result });
    return decisionOf(result);
  };
}

/** The object as injection wants it: of the kind and in the namespace that the request is about. */
function workloadOf({ object, kind, namespace }: AdmissionRequest): Workload {
  if (typeof object !== 'object' || object === null)
    throw new ServiceError('invalid_argument', 'request.object of the AdmissionReview is no object');
  const workload = object as Workload;
  return { ...workload, kind: kind.kind, metadata: { ...workload.metadata, namespace } };
}

interface Question {
  readonly workload: Workload;
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: ResolvedOwner | undefined;
}

function resultOf(
  { metrics }: InjectionWebhook,
  { injector, injectByDefault }: WebhookValues,
  { workload, namespace: name, annotations, owner }: Question,
): InjectResult {
  const namespace = withDefaultInjection({ name, annotations }, injectByDefault, injector.linkerdNamespace);
  const asked = { object: workload, ownerKind: owner?.kind ?? '', namespace: name };
  try {
    const result = inject({ workload, namespace, owner, values: injector, origin: 'webhook' });
    metrics.requested({ ...asked, annotationAt: result.annotationAt });
    return result;
  } catch (error) {
    metrics.requested({ ...asked, annotationAt: '' });
    throw error;
  }
}

interface Outcome {
  readonly workload: Workload;
  readonly owner: ResolvedOwner | undefined;
  readonly result: InjectResult;
}

/** Counts the answer, and tells about a pod beside its owner. A dry run leaves no trace there. */
function report(
  { metrics, events }: InjectionWebhook,
  { namespace, dryRun }: AdmissionRequest,
  { workload, owner, result }: Outcome,
): void {
  const { annotationAt } = result;
  const admitted: AdmittedObject = {
    object: workload,
    ownerKind: owner?.kind ?? '',
    namespace,
    annotationAt,
  };
  const reasons = result.kind === 'injected' ? [] : result.reasons;
  if (result.kind !== 'skipped') metrics.patched(admitted);
  else if (owner !== undefined)
    metrics.skipped(
      admitted,
      reasons.map(({ code }) => code),
    );
  if (owner?.object === undefined || dryRun) return;
  const about = owner.object;
  const texts = reasons.map(({ text }) => text).join(', ');
  events.record({
    ...{ about, type: 'Normal' },
    ...(result.kind === 'injected'
      ? { reason: 'Injected', message: 'Linkerd sidecar proxy injected' }
      : { reason: 'InjectionSkipped', message: `Linkerd sidecar proxy injection skipped: ${texts}` }),
  });
  // A controller that makes pods keeps what it is warned of to itself.
  const message = result.warnings.join('; ');
  if (message !== '') events.record({ about, type: 'Warning', reason: 'InjectionWarning', message });
}

function decisionOf(result: InjectResult): AdmissionDecision {
  const { warnings } = result;
  return result.kind === 'skipped'
    ? { kind: 'allowed', warnings }
    : { kind: 'allowed', patch: result.patch, warnings };
}
