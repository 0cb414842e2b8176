import { createHash } from 'node:crypto';
import type { ApiClient } from '../api/api-client.ts';
import { resourcePath } from '../api/api-resources.ts';
import type { EventEntry } from './event-correlator.ts';

/** Who reports. */
export interface EventSource {
  /** `linkerd-identity` */
  readonly component: string;
  /** The pod. */
  readonly instance: string;
}

/** The API's own bound is 1024 bytes. */
const MAX_MESSAGE = 1000;

const time = (ms: number): string => new Date(ms).toISOString();

/** Events of cluster-scoped objects live in the default namespace. */
const namespaceOf = ({ event }: EventEntry): string => event.about.namespace || 'default';

/** Unique for the object, the instance that reports and the first time. */
function nameOf({ event, key, firstAt }: EventEntry, { instance }: EventSource): string {
  const digest = createHash('sha256').update(`${instance} ${firstAt} ${key}`).digest('hex').slice(0, 16);
  return `${event.about.name.slice(0, 200)}.${digest}`;
}

/** Writes events (`v1`, which every tool reads). All of it throws `ApiError`. */
export class EventApi {
  readonly #api: ApiClient;
  readonly #source: EventSource;

  constructor(api: ApiClient, source: EventSource) {
    this.#api = api;
    this.#source = source;
  }

  async create(entry: EventEntry, signal: AbortSignal): Promise<void> {
    const { event, count, firstAt, lastAt } = entry;
    const namespace = namespaceOf(entry);
    const { component, instance } = this.#source;
    await this.#api.call({
      method: 'POST',
      path: resourcePath('v1', 'events', { namespace }),
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: nameOf(entry, this.#source), namespace },
        involvedObject: event.about,
        type: event.type,
        reason: event.reason,
        message: event.message.slice(0, MAX_MESSAGE),
        source: { component },
        reportingComponent: component,
        reportingInstance: instance,
        firstTimestamp: time(firstAt),
        lastTimestamp: time(lastAt),
        count,
      },
      signal,
    });
  }

  /** Counts a repetition. @throws ApiError `not_found` when the server has forgotten the event, as it does in an hour. */
  async repeat(entry: EventEntry, signal: AbortSignal): Promise<void> {
    const { event, count, lastAt } = entry;
    await this.#api.call({
      method: 'PATCH',
      path: resourcePath('v1', 'events', {
        namespace: namespaceOf(entry),
        name: nameOf(entry, this.#source),
      }),
      contentType: 'application/merge-patch+json',
      body: { count, lastTimestamp: time(lastAt), message: event.message.slice(0, MAX_MESSAGE) },
      repeatable: true,
      signal,
    });
  }
}
