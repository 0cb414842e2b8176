import type { JsonObject } from '../manifest/json.ts';

/** Who may do what where, as the API server is asked. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Empty: in all namespaces, or a kind without any. */
  readonly namespace?: string;
}

/**
 * The cluster as checks see it. Everything is read when it is first asked for and then remembered, so that all
 * checks judge the same moment.
 */
export interface ClusterState {
  readonly server: string;
  /** One object by its path; undefined where there is none. */
  get(path: string): Promise<JsonObject | undefined>;
  /** A collection by its path; empty where its kind is not served. */
  list(path: string): Promise<readonly JsonObject[]>;
  may(question: AccessQuestion): Promise<boolean>;
  /** How far the API server's clock is ahead of this machine's, in ms, as near as half a round trip tells. */
  serverClockAhead(): Promise<number>;
  /** The metrics of a pod's proxy, as text. */
  proxyMetrics(pod: JsonObject): Promise<string>;
}
