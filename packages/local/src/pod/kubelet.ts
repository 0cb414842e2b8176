import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod, PodStatus } from '../cluster/objects.ts';
import { resolvConf } from '../dns/resolv-conf.ts';
import { AddressPool, addressPlan } from '../network/addresses.ts';
import { namespacePath, type PodLink, type Router } from '../network/router.ts';
import type { MachinePaths } from './container-launch.ts';
import type { FindData } from './environment.ts';
import type { LogFile } from './log-file.ts';
import { PodRunner, preparePodDirectory } from './pod-runner.ts';
import { PodVolumes } from './pod-volumes.ts';
import type { MintToken } from './volume.ts';

/** A pod this machine runs. */
export interface RunningPod {
  readonly pod: Pod;
  readonly ip: string;
  readonly directory: string;
  readonly networkNamespace: string;
  readonly runner: PodRunner;
}

export interface KubeletOptions {
  readonly router: Router;
  readonly machine: MachinePaths;
  readonly nodeName: string;
  readonly clusterDomain: string;
  /** Below this the pods' folders are made. */
  readonly directory: string;
  readonly findData: (kind: 'ConfigMap' | 'Secret', namespace: string, name: string) => ReturnType<FindData>;
  readonly mintToken: MintToken;
  readonly initializeNetwork: (args: readonly string[], netns: string, log: LogFile) => Promise<void>;
  /** The pod as it stands now, with its status. */
  readonly onChange: (pod: Pod) => void;
  readonly onGone: (pod: Pod) => void;
  readonly onEvent: (pod: Pod, message: string) => void;
  readonly onEnd: (pod: Pod, phase: 'Succeeded' | 'Failed', reason: string) => void;
}

interface Entry extends RunningPod {
  readonly link: PodLink;
  readonly volumes: PodVolumes;
  deletedAt: string | undefined;
}

const DEFAULT_GRACE_SECONDS = 30;

/** Runs the pods of this machine, each in a network namespace of its own. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #addresses = new AddressPool(addressPlan.pods);
  readonly #pods = new Map<string, Entry>();
  #links = 0;

  constructor(options: KubeletOptions) {
    this.#options = options;
  }

  get pods(): readonly RunningPod[] {
    return [...this.#pods.values()];
  }

  find(namespace: string, name: string): RunningPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** Gives the pod an address and a network, makes its volumes and starts its containers. */
  async start(admitted: Pod): Promise<void> {
    const { router, nodeName, machine, findData, mintToken } = this.#options;
    const { name, namespace = 'default' } = admitted.metadata;
    const key = `${namespace}/${name}`;
    const ip = this.#addresses.claim();
    const pod: Pod = {
      ...admitted,
      metadata: {
        uid: randomUUID(),
        creationTimestamp: new Date().toISOString(),
        ...admitted.metadata,
        namespace,
      },
      spec: { ...admitted.spec, nodeName },
      status: statusOf(ip, 'Pending', false),
    };
    const directory = join(this.#options.directory, `${namespace}_${name}`);
    const networkNamespace = `${namespace}.${name}`;
    const link = { namespace: networkNamespace, device: `pod${this.#links++}`, ip };
    const findOwn: FindData = (kind, dataName) => findData(kind, namespace, dataName);
    const volumes = new PodVolumes(join(directory, 'volumes'), { pod, findData: findOwn, mintToken });
    await router.connect(link);
    try {
      await preparePodDirectory(directory, {
        resolvConf: resolvConf(addressPlan.dns, namespace, this.#options.clusterDomain),
        hosts: `127.0.0.1 localhost\n::1 localhost\n${ip} ${pod.spec.hostname ?? name}\n`,
      });
      await volumes.create();
    } catch (error) {
      await this.#remove(link, directory);
      throw error;
    }
    const runner: PodRunner = new PodRunner({
      pod,
      directory,
      networkNamespace,
      machine,
      findData: findOwn,
      initializeNetwork: (args, log) =>
        this.#options.initializeNetwork(args, namespacePath(networkNamespace), log),
      // The first change comes while the entry is being made.
      onChange: () => queueMicrotask(() => this.#report(key)),
      onEvent: (message) => this.#options.onEvent(pod, message),
      onEnd: ({ phase, reason }) => this.#options.onEnd(pod, phase, reason),
    });
    this.#pods.set(key, {
      pod,
      ip,
      directory,
      networkNamespace,
      runner,
      link,
      volumes,
      deletedAt: undefined,
    });
    this.#report(key);
  }

  /** Stops a pod within its grace period and forgets it. */
  async stop(
    namespace: string,
    name: string,
    { maxGraceMs = Number.POSITIVE_INFINITY, atOnce = false } = {},
  ) {
    const key = `${namespace}/${name}`;
    const entry = this.#pods.get(key);
    if (entry === undefined || entry.deletedAt !== undefined) return;
    entry.deletedAt = new Date().toISOString();
    this.#report(key);
    const grace = (entry.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000;
    await entry.runner.stop(Math.min(grace, maxGraceMs), { atOnce });
    this.#pods.delete(key);
    this.#options.onGone(entry.pod);
    await this.#remove(entry.link, entry.directory);
  }

  /** Lets the volumes follow their Secrets, ConfigMaps and tokens. */
  async refreshVolumes(): Promise<void> {
    for (const { volumes, runner } of this.#pods.values()) {
      if (runner.state.state !== 'ended') await volumes.refresh();
    }
  }

  async #remove(link: PodLink, directory: string): Promise<void> {
    await this.#options.router.disconnect(link);
    this.#addresses.release(link.ip);
    await rm(directory, { recursive: true, force: true });
  }

  #report(key: string): void {
    const entry = this.#pods.get(key);
    if (entry === undefined) return;
    const { pod, ip, runner, deletedAt } = entry;
    const metadata =
      deletedAt === undefined ? pod.metadata : { ...pod.metadata, deletionTimestamp: deletedAt };
    const ready = runner.ready && deletedAt === undefined;
    this.#options.onChange({ ...pod, metadata, status: statusOf(ip, runner.phase, ready) });
  }
}

function statusOf(ip: string, phase: PodStatus['phase'], ready: boolean): PodStatus {
  const condition = ready ? 'True' : 'False';
  return {
    phase,
    podIP: ip,
    podIPs: [{ ip }],
    hostIP: addressPlan.node,
    conditions: [
      { type: 'Ready', status: condition },
      { type: 'ContainersReady', status: condition },
    ],
  };
}
