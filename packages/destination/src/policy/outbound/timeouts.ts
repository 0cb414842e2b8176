import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimeoutsSchema } from '@weft/proto/http_route';
import { encodeDuration } from '../../wire/duration.ts';
import { type Annotations, durationOf, outboundAnnotations as keys } from './annotations.ts';

/** Timeouts of a service's requests; zero means none. @throws InvalidAnnotationError */
export function timeouts(annotations: Annotations): MessageInitShape<typeof TimeoutsSchema> {
  const [request, response, idle] = [keys.timeoutRequest, keys.timeoutResponse, keys.timeoutIdle].map((key) =>
    durationOf(annotations, key),
  );
  return {
    ...(request ? { request: encodeDuration(request) } : {}),
    ...(response ? { response: encodeDuration(response) } : {}),
    ...(idle ? { idle: encodeDuration(idle) } : {}),
  };
}
