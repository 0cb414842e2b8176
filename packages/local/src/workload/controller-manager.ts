import type { Cluster } from '../cluster/cluster.ts';
import {
  type Job,
  type KubernetesObject,
  objectKey,
  type Pod,
  qualifiedName,
  type ReplicatedWorkload,
} from '../cluster/objects.ts';
import type { Kubelet } from '../pod/kubelet.ts';
import { planCronJob, type ScheduledJob } from './cron-job.ts';
import { cronJobs, plannedWorkloads } from './desired.ts';
import { jobState } from './job.ts';
import type { PodAction, PodSummary } from './pod-summary.ts';
import { replicaSetOf } from './replica-set.ts';

/** A pod whose start failed (a Secret is missing, say) is tried again after this time. */
const RETRY_MS = 2000;

export interface ControllerManagerOptions {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  /** What admission makes of a pod before it runs. */
  readonly admit: (pod: Pod, owner: { kind: string; name: string } | undefined) => Pod;
  /** Whether pods of this namespace may start yet. */
  readonly mayStart: (namespace: string) => boolean;
  readonly randomSuffix: () => string;
  readonly onFailure: (subject: string, error: Error) => void;
}

interface Record {
  readonly namespace: string;
  readonly name: string;
  readonly owner: string;
  readonly templateHash: string;
}

/** Compares what the manifests want with the pods that run, and starts and stops pods until both agree. */
export class ControllerManager {
  readonly #options: ControllerManagerOptions;
  readonly #records = new Map<string, Record>();
  readonly #starts = new Map<string, Promise<void>>();
  readonly #stopping = new Set<string>();
  readonly #scheduled = new Map<string, Job>();
  readonly #reported = new Map<string, string>();
  #lastCronCheck = Date.now();
  #requested = false;
  #stopped = false;

  constructor(options: ControllerManagerOptions) {
    this.#options = options;
  }

  /** Plans anew soon; many requests at once make one plan. */
  request(): void {
    if (this.#requested || this.#stopped) return;
    this.#requested = true;
    setImmediate(() => {
      this.#requested = false;
      if (!this.#stopped) this.#reconcile();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  #reconcile(): void {
    const { cluster, randomSuffix } = this.#options;
    this.#planCronJobs();
    const workloads = plannedWorkloads(cluster, [...this.#scheduled.values()], randomSuffix);
    this.#putReplicaSets();
    const byOwner = Map.groupBy(this.#records.values(), ({ owner }) => owner);
    for (const workload of workloads) {
      const summaries = (byOwner.get(workload.key) ?? []).map((record) => this.#summary(record));
      byOwner.delete(workload.key);
      for (const action of workload.plan(summaries)) this.#carryOut(action, workload.namespace);
    }
    for (const orphans of byOwner.values())
      for (const { namespace, name } of orphans) this.#stopPod(namespace, name);
  }

  #carryOut(action: PodAction, namespace: string): void {
    if (action.do === 'stop') {
      this.#stopPod(namespace, action.name);
      return;
    }
    if (!this.#options.mayStart(namespace)) return;
    const { pod, owner, templateHash } = action;
    const key = `${namespace}/${pod.metadata.name}`;
    this.#records.set(key, { namespace, name: pod.metadata.name, owner, templateHash });
    const start = this.#startPod(pod, owner).catch((error: Error) => {
      this.#options.onFailure(key, error);
      setTimeout(() => this.#forget(key), RETRY_MS).unref();
    });
    this.#starts.set(key, start);
  }

  async #startPod(pod: Pod, owner: string): Promise<void> {
    const [kind = '', , name = ''] = owner.split('/');
    await this.#options.kubelet.start(this.#options.admit(pod, kind === 'Pod' ? undefined : { kind, name }));
  }

  /** A pod is stopped once, and not before its start is through. */
  #stopPod(namespace: string, name: string): void {
    const key = `${namespace}/${name}`;
    if (this.#stopping.has(key)) return;
    this.#stopping.add(key);
    void Promise.resolve(this.#starts.get(key))
      .then(() => this.#options.kubelet.stop(namespace, name))
      .catch((error: Error) => this.#options.onFailure(key, error))
      .finally(() => this.#forget(key));
  }

  #forget(key: string): void {
    this.#records.delete(key);
    this.#starts.delete(key);
    this.#stopping.delete(key);
    this.request();
  }

  #summary({ namespace, name, owner, templateHash }: Record): PodSummary {
    const runner = this.#options.kubelet.find(namespace, name)?.runner;
    return {
      name,
      owner,
      templateHash,
      phase: runner?.phase ?? 'Pending',
      ready: runner?.ready ?? false,
      terminating: this.#stopping.has(`${namespace}/${name}`),
    };
  }

  #planCronJobs(): void {
    const now = Date.now();
    const wanted = new Set<string>();
    for (const cronJob of cronJobs(this.#options.cluster)) {
      const jobs = this.#jobsOf(objectKey(cronJob));
      try {
        const { start, remove } = planCronJob(cronJob, jobs, this.#lastCronCheck, now);
        for (const { job } of jobs) if (!remove.includes(job.metadata.name)) wanted.add(objectKey(job));
        if (start === undefined) continue;
        this.#scheduled.set(objectKey(start), start);
        wanted.add(objectKey(start));
      } catch (error) {
        this.#options.onFailure(qualifiedName(cronJob), error as Error);
      }
    }
    this.#lastCronCheck = now;
    for (const [key, job] of this.#scheduled) {
      if (wanted.has(key)) continue;
      this.#scheduled.delete(key);
      this.#reported.delete(key);
      this.#options.cluster.remove(job);
    }
    for (const job of this.#scheduled.values()) this.#put(job);
  }

  #jobsOf(cronJob: string): readonly ScheduledJob[] {
    return [...this.#scheduled.values()]
      .filter(
        ({ metadata }) => `CronJob/${metadata.namespace}/${metadata.ownerReferences?.[0]?.name}` === cronJob,
      )
      .map((job) => {
        const pods = [...this.#records.values()].filter(({ owner }) => owner === objectKey(job));
        return {
          job,
          state: jobState(
            job,
            pods.map((record) => this.#summary(record)),
          ).state,
        };
      });
  }

  /** The ReplicaSets through which pods find their Deployment. */
  #putReplicaSets(): void {
    for (const deployment of this.#options.cluster.listDeclared<ReplicatedWorkload>('Deployment')) {
      this.#put(replicaSetOf(deployment));
    }
  }

  #put(object: KubernetesObject): void {
    const key = objectKey(object);
    const content = JSON.stringify(object);
    if (this.#reported.get(key) === content) return;
    this.#reported.set(key, content);
    this.#options.cluster.put(object);
  }
}
