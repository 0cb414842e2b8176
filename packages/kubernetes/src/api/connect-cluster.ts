import type { Connection } from './connection.ts';
import { InClusterConnection } from './in-cluster-connection.ts';
import { KubeconfigConnection } from './kubeconfig-connection.ts';

export interface ConnectOptions {
  /** Path of a kubeconfig file; empty: the cluster this process runs in as a pod. */
  readonly kubeconfig?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Finds the API server. Nothing is sent to it yet. @throws ConnectionError that says what is missing. */
export async function connectCluster({ kubeconfig = '', env }: ConnectOptions): Promise<Connection> {
  return kubeconfig === '' ? new InClusterConnection({ env }) : KubeconfigConnection.open(kubeconfig);
}
