import { finished } from 'node:stream/promises';
import type { ApiClient } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { errorOfStatus } from '../../api/api-status.ts';
import { LineSplitter } from './line-splitter.ts';
import { isTree } from './trim.ts';

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

/** Told of a watch while it lasts. */
export interface WatchListener {
  /** The server has accepted the request. */
  opened(): void;
  /** Events that came together, at least one. */
  events(events: readonly WatchEvent[]): void;
}

/**
 * Watches until the server ends it. What happens with an event happens at once: a change is on its way to those
 * who wait for it before anything else runs.
 * @throws ApiError: `expired` (the version is too old), `timeout` (silence), `malformed`, those of `ApiClient.open`;
 * and what the listener throws.
 */
export async function watchEvents(
  api: ApiClient,
  { path, accept, resourceVersion, lifetimeSeconds, silenceMs }: WatchRequest,
  listener: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  const target = `WATCH ${path}`;
  const query = {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion,
    timeoutSeconds: Math.round(lifetimeSeconds),
  };
  const body = await api.open({ path, accept, query, signal }, silenceMs);
  listener.opened();
  const splitter = new LineSplitter(MAX_EVENT_BYTES, target);
  body.on('data', (chunk: Buffer) => {
    try {
      readEvents(splitter.push(chunk), target, listener);
    } catch (error) {
      body.destroy(error as Error);
    }
  });
  await finished(body);
}

/** Tells of the events up to the first line that is none. */
function readEvents(lines: readonly string[], target: string, listener: WatchListener): void {
  const events: WatchEvent[] = [];
  try {
    for (const line of lines) if (line !== '') events.push(parseEvent(line, target));
  } finally {
    if (events.length > 0) listener.events(events);
  }
}

const malformed = (target: string, cause: unknown): ApiError =>
  new ApiError('malformed', 'an event cannot be understood', { target }, cause);

function parseEvent(line: string, target: string): WatchEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw malformed(target, cause);
  }
  if (!isTree(event) || !isTree(event.object)) throw malformed(target, new TypeError('it has no object'));
  const { type, object } = event;
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK': {
      const { resourceVersion = '' } = isTree(object.metadata) ? object.metadata : {};
      if (typeof resourceVersion !== 'string')
        throw malformed(target, new TypeError('metadata.resourceVersion is no string'));
      return { type, object, resourceVersion };
    }
    case 'ERROR':
      throw errorOfStatus(object, target);
    default:
      throw malformed(target, new TypeError(`type is ${JSON.stringify(type)}`));
  }
}
