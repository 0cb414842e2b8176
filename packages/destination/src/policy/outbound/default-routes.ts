import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimeoutsSchema } from '@weft/proto/http_route';
import type { HttpRoute_RetrySchema, HttpRouteSchema, OpaqueRouteSchema } from '@weft/proto/outbound';
import { defaultMetadata } from '../../wire/metadata.ts';
import type { BackendInit } from './backend.ts';

type HttpRouteInit = MessageInitShape<typeof HttpRouteSchema>;
type OpaqueRouteInit = MessageInitShape<typeof OpaqueRouteSchema>;

export interface HttpRouteOptions {
  /** Name of the synthesized route, which metrics show. */
  readonly name: string;
  /** Only paths below this one; everything when absent. */
  readonly prefix?: string;
  readonly timeouts?: MessageInitShape<typeof TimeoutsSchema>;
  readonly retry?: MessageInitShape<typeof HttpRoute_RetrySchema> | undefined;
}

/** A route that sends every request to one backend. */
export function httpRoute(backend: BackendInit, options: HttpRouteOptions): HttpRouteInit {
  const { name, prefix, timeouts = {}, retry } = options;
  return {
    metadata: defaultMetadata(name),
    rules: [
      {
        matches: [prefix === undefined ? {} : { path: { kind: { case: 'prefix', value: prefix } } }],
        backends: { kind: { case: 'firstAvailable', value: { backends: [{ backend }] } } },
        timeouts,
        // Proxies of before 2.16 know only this one.
        ...(timeouts.request === undefined ? {} : { requestTimeout: timeouts.request }),
        ...(retry === undefined ? {} : { retry }),
      },
    ],
  };
}

/** A route that sends every connection to one backend. */
export function opaqueRoute(backend: BackendInit, name: string): OpaqueRouteInit {
  return {
    metadata: defaultMetadata(name),
    rules: [{ backends: { kind: { case: 'firstAvailable', value: { backends: [{ backend }] } } } }],
  };
}

/** A route that refuses every connection. */
export function forbiddenRoute(name: string): OpaqueRouteInit {
  return {
    metadata: defaultMetadata(name),
    rules: [
      {
        backends: { kind: { case: 'empty', value: {} } },
        filters: [{ kind: { case: 'forbidden', value: {} } }],
      },
    ],
  };
}
