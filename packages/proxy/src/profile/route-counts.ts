import type { ProfileRoute } from '@weft/policy';
import { classify, classifyByClasses, isGrpcRequest } from '../http/classify.ts';
import type { HeaderList, RequestHead, ResponseHead } from '../http/message.ts';
import type { HttpMetrics, HttpTargetMetrics } from '../metrics/http.ts';
import { renderLabels } from '../metrics/labels.ts';

/** The series of one service's routes in one family, each found when it is first needed. */
export class RouteCounts {
  readonly #metrics: HttpMetrics;
  readonly #direction: 'inbound' | 'outbound';
  readonly #service: string;
  readonly #routes = new Map<ProfileRoute | null, HttpTargetMetrics>();
  #released = false;

  /** `service`: `FQN:port`, the `dst` label. */
  constructor(metrics: HttpMetrics, direction: 'inbound' | 'outbound', service: string) {
    this.#metrics = metrics;
    this.#direction = direction;
    this.#service = service;
  }

  /** null: the requests that no route takes. */
  of(route: ProfileRoute | null): HttpTargetMetrics {
    let counts = this.#routes.get(route);
    if (counts === undefined) {
      counts = this.#metrics.target(this.labelsOf(route));
      // Requests that are still under way are counted all the same.
      if (this.#released) counts.release();
      this.#routes.set(route, counts);
    }
    return counts;
  }

  labelsOf(route: ProfileRoute | null): string {
    const own = route === null ? [] : route.labels;
    return renderLabels([['direction', this.#direction], ['dst', this.#service], ...own]);
  }

  /** The series may be dropped once they are idle. */
  release(): void {
    this.#released = true;
    for (const counts of this.#routes.values()) counts.release();
    this.#routes.clear();
  }
}

/** Whether a response counts as a success: its route's classes say, where it has some. */
export function classifyOnRoute(
  route: ProfileRoute | null,
  request: RequestHead,
  response: ResponseHead,
  trailers: HeaderList | null,
) {
  if (route === null || route.responseClasses.length === 0)
    return classify(isGrpcRequest(request), response, trailers);
  return classifyByClasses(route.responseClasses, response, trailers);
}
