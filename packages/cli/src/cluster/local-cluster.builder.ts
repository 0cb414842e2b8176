import { connect } from 'node:net';
import type { JsonObject } from '../manifest/json.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

export interface LocalCluster {
  /** Objects by path, and collections by theirs. */
  readonly objects?: Readonly<Record<string, JsonObject>>;
  readonly lists?: Readonly<Record<string, readonly JsonObject[]>>;
  /** Ports of this machine, by `pod:port`. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** A cluster of a few objects, whose pods' ports are ports of this machine. */
export function localCluster({ objects = {}, lists = {}, ports = {} }: LocalCluster): Cluster {
  return {
    server: 'http://cluster.example.com',
    call: async ({ path }) => {
      const list = lists[path];
      const body = list === undefined ? objects[path] : { items: [...list] };
      if (body === undefined) throw new ClusterError('not_found', `GET ${path}: not found`, { status: 404 });
      return { body, serverTime: undefined };
    },
    forward: async ({ name }, port) => {
      const local = ports[`${name}:${port}`];
      if (local === undefined) throw new ClusterError('forwarding', `no connection to ${name}:${port}`);
      return connect(local, '127.0.0.1');
    },
  };
}
