import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FailureAccrualSchema } from '@weft/proto/outbound';
import { encodeDuration } from '../../wire/duration.ts';
import {
  type Annotations,
  durationOf,
  flagOf,
  InvalidAnnotationError,
  outboundAnnotations as keys,
  numberOf,
} from './annotations.ts';

type Init = MessageInitShape<typeof FailureAccrualSchema>;

const MAX_U32 = 0xffff_ffff;

function backoff(annotations: Annotations, respectRetryAfterHint: boolean) {
  const min = durationOf(annotations, keys.minPenalty) ?? 1000;
  const max = durationOf(annotations, keys.maxPenalty) ?? 60_000;
  if (max === 0 || min > max)
    throw new InvalidAnnotationError(keys.maxPenalty, `${max}ms`, `more than 0 and at least ${min}ms`);
  const jitterRatio = numberOf(annotations, keys.jitterRatio, { min: 0, max: 100, whole: false }) ?? 0.5;
  return {
    minBackoff: encodeDuration(min),
    maxBackoff: encodeDuration(max),
    jitterRatio,
    respectRetryAfterHint,
  };
}

function maxFailures(annotations: Annotations): number {
  return numberOf(annotations, keys.maxFailures, { min: 0, max: MAX_U32, whole: true }) ?? 7;
}

function unified(annotations: Annotations): Init {
  const threshold = numberOf(annotations, keys.successRate, { min: 0, max: 1, whole: false }) ?? 0.8;
  const window = durationOf(annotations, keys.successWindow) ?? 10_000;
  if (threshold > 0 && window < 10)
    throw new InvalidAnnotationError(keys.successWindow, `${window}ms`, 'at least 10ms');
  const max = threshold > 0 ? 1_000_000 : MAX_U32;
  const minRequests = numberOf(annotations, keys.successMinRequests, { min: 0, max, whole: true }) ?? 5;
  return {
    kind: {
      case: 'unified',
      value: {
        successRateThreshold: threshold,
        decay: encodeDuration(window),
        minRequests,
        maxConsecutiveFailures: maxFailures(annotations),
        backoff: backoff(annotations, flagOf(annotations, keys.honorRetryAfter)),
      },
    },
  };
}

/** When an endpoint that fails is taken out of the balancer; undefined: never. @throws InvalidAnnotationError */
export function failureAccrual(annotations: Annotations): Init | undefined {
  const mode = annotations[keys.failureAccrual];
  switch (mode) {
    case undefined:
      return undefined;
    case 'consecutive':
      return {
        kind: {
          case: 'consecutiveFailures',
          value: { maxFailures: maxFailures(annotations), backoff: backoff(annotations, false) },
        },
      };
    case 'unified':
      return unified(annotations);
    default:
      throw new InvalidAnnotationError(keys.failureAccrual, mode, 'consecutive or unified');
  }
}
