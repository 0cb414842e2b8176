import type { Duplex } from 'node:stream';
import { type Json, type JsonObject, listAt, textAt } from '../manifest/json.ts';
import { isClusterError } from './cluster-error.ts';

export interface ClusterRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Such as `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: Json;
  /** Of the body; default `application/json`. */
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

export interface ClusterAnswer {
  /** JSON where the server says so, text otherwise. */
  readonly body: Json;
  /** The server's clock, in ms since the epoch; undefined where it does not tell. */
  readonly serverTime: number | undefined;
}

export interface PodAddress {
  readonly namespace: string;
  readonly name: string;
}

/** A Kubernetes cluster, as far as the command line needs one. */
export interface Cluster {
  /** The API server's URL, for messages. */
  readonly server: string;
  /** @throws ClusterError where there is no answer, or none of 2xx. */
  call(request: ClusterRequest): Promise<ClusterAnswer>;
  /** A connection to a port on a pod's own loopback. @throws ClusterError `forwarding` */
  forward(pod: PodAddress, port: number): Promise<Duplex>;
}

/** One object; undefined where there is none. */
export async function getObject(
  cluster: Cluster,
  path: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    return (await cluster.call({ path, signal })).body as JsonObject;
  } catch (error) {
    if (isClusterError(error, 'not_found')) return undefined;
    throw error;
  }
}

const PAGE = 500;

/** All objects of a collection, page by page; none where the kind is not served. */
export async function listObjects(
  cluster: Cluster,
  path: string,
  signal: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Promise<JsonObject[]> {
  const objects: JsonObject[] = [];
  let next = '';
  do {
    try {
      const page = { ...query, limit: PAGE, ...(next !== '' && { continue: next }) };
      const { body } = await cluster.call({ path, query: page, signal });
      objects.push(...(listAt(body, 'items') as JsonObject[]));
      next = textAt(body, 'metadata', 'continue');
    } catch (error) {
      if (isClusterError(error, 'not_found')) return objects;
      throw error;
    }
  } while (next !== '');
  return objects;
}
