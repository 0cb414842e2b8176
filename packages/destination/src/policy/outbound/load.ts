import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Backend_BalanceP2cSchema } from '@weft/proto/outbound';
import { encodeDuration } from '../../wire/duration.ts';
import {
  type Annotations,
  durationOf,
  flagOf,
  InvalidAnnotationError,
  outboundAnnotations as keys,
} from './annotations.ts';

export type LoadInit = NonNullable<MessageInitShape<typeof Backend_BalanceP2cSchema>['load']>;

const ewma = { defaultRtt: encodeDuration(30), decay: encodeDuration(10_000) };

/** How a balancer weighs endpoints: by their latency. */
export const latencyLoad: LoadInit = { case: 'peakEwma', value: ewma };

/** By latency and, where the service asks for it, with a penalty for failures. @throws InvalidAnnotationError */
export function loadOf(annotations: Annotations): LoadInit {
  if (!flagOf(annotations, keys.penalizeFailures)) return latencyLoad;
  const penalty = durationOf(annotations, keys.penalty) ?? 5000;
  if (penalty > 0xffff_ffff)
    throw new InvalidAnnotationError(keys.penalty, `${penalty}ms`, 'less than 50 days');
  return {
    case: 'penaltyPeakEwma',
    value: {
      ...ewma,
      penalty: encodeDuration(penalty),
      penaltyDecay: encodeDuration(10_000),
      maxRetryAfter: encodeDuration(durationOf(annotations, keys.maxRetryAfter) ?? 300_000),
    },
  };
}
