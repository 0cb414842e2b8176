import { z } from 'zod';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { errorOfStatus } from '../../api/api-status.ts';
import { readLines } from './read-lines.ts';

/** A change as the server tells it; a bookmark tells only how far it has come. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
  readonly resourceVersion: string;
}

export interface WatchRequest {
  readonly path: string;
  readonly accept: string;
  /** Changes after this one. */
  readonly resourceVersion: string;
  /** How long the server shall keep the watch open, in seconds. */
  readonly lifetimeSeconds: number;
  /** How long neither event nor bookmark may come, in ms. */
  readonly silenceMs: number;
}

/** Etcd holds no object larger than 1.5 MiB; as JSON and with room for a generous configuration. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const eventSchema = z.looseObject({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({
    metadata: z.looseObject({ resourceVersion: z.string().default('') }).prefault({}),
  }),
});

/**
 * One watch, from its request to its end: an empty batch as soon as the server has accepted it, then events in
 * the batches they arrive in. It ends when the server ends it.
 * @throws ApiError: `expired` when the version is too old, `timeout` after too much silence.
 */
export async function* watchEvents(
  api: ApiClient,
  { path, accept, resourceVersion, lifetimeSeconds, silenceMs }: WatchRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly WatchEvent[]> {
  const target = `WATCH ${path}`;
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds: Math.round(lifetimeSeconds),
  };
  const body = await api.open({ path, accept, query, signal }, silenceMs);
  yield [];
  for await (const lines of readLines(body, MAX_EVENT_BYTES, target)) {
    const { events, error } = parseEvents(lines, target);
    if (events.length > 0) yield events;
    if (error !== undefined) throw error;
  }
}

/** The events up to the first line that is none. */
function parseEvents(
  lines: readonly string[],
  target: string,
): { readonly events: readonly WatchEvent[]; readonly error?: unknown } {
  const events: WatchEvent[] = [];
  for (const line of lines) {
    if (line === '') continue;
    try {
      events.push(parseEvent(line, target));
    } catch (error) {
      return { events, error };
    }
  }
  return { events };
}

function parseEvent(line: string, target: string): WatchEvent {
  let event: z.output<typeof eventSchema>;
  try {
    event = eventSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new ApiError('malformed', 'an event cannot be understood', { target }, cause);
  }
  const { type, object } = event;
  if (type === 'ERROR') throw errorOfStatus(object, target);
  return { type, object, resourceVersion: object.metadata.resourceVersion };
}
