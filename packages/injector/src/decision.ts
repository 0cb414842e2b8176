import { INJECT } from './annotations/keys.ts';
import type { Layers } from './annotations/layers.ts';
import { quote } from './annotations/rule.ts';
import type { SkipReason } from './skip-reason.ts';

/** Whose `linkerd.io/inject` decided; empty where none did. */
export type AnnotationAt = 'namespace' | 'workload' | '';

export type Decision =
  | { inject: true; annotationAt: AnnotationAt }
  | { inject: false; annotationAt: AnnotationAt; reason: SkipReason };

const VALID: ReadonlySet<string> = new Set(['enabled', 'ingress', 'disabled', '']);
const ENABLING: ReadonlySet<string> = new Set(['enabled', 'ingress']);

function refuse(code: SkipReason['code'], text: string, annotationAt: AnnotationAt = ''): Decision {
  return { inject: false, annotationAt, reason: { code, text } };
}

const DISABLED_AT_POD = `pod has the annotation "${INJECT}:disabled"`;

/** The admission webhook's decision: the namespace's wish, unless the pod says otherwise. */
export function decideByLayers({ namespace, pod }: Layers): Decision {
  const above = namespace.get(INJECT) ?? '';
  const own = pod.get(INJECT) ?? '';
  if (!VALID.has(above)) {
    return refuse(
      'invalid_inject_annotation_at_ns',
      `invalid value ${quote(above)} for annotation "${INJECT}" at namespace`,
    );
  }
  if (!VALID.has(own)) {
    return refuse(
      'invalid_inject_annotation_at_workload',
      `invalid value ${quote(own)} for annotation "${INJECT}" at workload`,
    );
  }
  if (ENABLING.has(above)) {
    return own === 'disabled'
      ? refuse('injection_disable_annotation_present', DISABLED_AT_POD, 'workload')
      : { inject: true, annotationAt: 'namespace' };
  }
  if (ENABLING.has(own)) return { inject: true, annotationAt: 'workload' };
  return refuse(
    'injection_enable_annotation_absent',
    `neither the namespace nor the pod have the annotation "${INJECT}:enabled"`,
  );
}

/** Whoever injects by hand wants it: only an explicit `disabled` stands against it. */
export function decideByHand({ pod }: Layers): Decision {
  return pod.get(INJECT) === 'disabled'
    ? refuse('injection_disable_annotation_present', DISABLED_AT_POD, 'workload')
    : { inject: true, annotationAt: 'workload' };
}
