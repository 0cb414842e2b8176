import { join } from 'node:path';
import { run as runProxyInit } from '@weft/proxy-init';
import { Cluster } from '../cluster/cluster.ts';
import type { Pod } from '../cluster/objects.ts';
import { StateDirectory } from '../cluster/state-directory.ts';
import { dnsServices, runningPodIps, virtualPorts } from '../cluster/views.ts';
import { DnsServer } from '../dns/server.ts';
import { Zone } from '../dns/zone.ts';
import { addressPlan } from '../network/addresses.ts';
import { Router } from '../network/router.ts';
import { Kubelet } from '../pod/kubelet.ts';
import { ControllerManager } from '../workload/controller-manager.ts';
import { randomSuffix } from '../workload/random-suffix.ts';
import type { ControlPlane } from './control-plane.ts';
import { EndpointChanges } from './endpoint-changes.ts';
import { EventLog } from './event-log.ts';
import type { MeshOptions } from './options.ts';

/** How often volumes are compared with their Secrets, ConfigMaps and tokens, and CronJobs with the clock. */
const REFRESH_MS = 1000;
/** Everything is going away: applications get no longer than this to end. */
const SHUTDOWN_GRACE_MS = 3000;

/** The parts of a running mesh, put together. */
export class Mesh {
  readonly cluster: Cluster;
  readonly kubelet: Kubelet;
  readonly events = new EventLog();
  readonly #options: MeshOptions;
  readonly #controlPlane: ControlPlane;
  readonly #router = new Router();
  readonly #state: StateDirectory;
  readonly #controllers: ControllerManager;
  readonly #dns = new DnsServer(() => this.#zone);
  readonly #endpoints = new EndpointChanges();
  readonly #ending = new AbortController();
  #zone = new Zone('cluster.local', [], []);
  #updating = false;

  constructor(options: MeshOptions, controlPlane: ControlPlane) {
    this.#options = options;
    this.#controlPlane = controlPlane;
    this.#state = new StateDirectory(options.stateDirectory);
    this.cluster = new Cluster({
      directory: options.directory,
      builtIn: controlPlane.objects,
      onProblems: (problems) => {
        for (const { file, message } of problems) this.events.add('manifest', file, message);
      },
    });
    this.kubelet = new Kubelet({
      router: this.#router,
      machine: options.machine,
      nodeName: 'local',
      clusterDomain: options.clusterDomain,
      directory: options.podsDirectory,
      findData: (kind, namespace, name) => this.cluster.findData(kind, namespace, name),
      mintToken: controlPlane.mintToken,
      initializeNetwork: (args, netns, log) => runProxyInit(args, { netns, write: (line) => log.note(line) }),
      onChange: (pod) => this.cluster.put(pod),
      onGone: (pod) => this.cluster.remove(pod),
      onEvent: (pod, message) => this.events.add('restarted', nameOf(pod), message),
      onEnd: (pod, phase, reason) =>
        this.events.add(phase === 'Succeeded' ? 'completed' : 'failed', nameOf(pod), reason),
    });
    this.#controllers = new ControllerManager({
      cluster: this.cluster,
      kubelet: this.kubelet,
      admit: (pod, owner) => controlPlane.admit(pod, owner, this.cluster, this.events),
      mayStart: (namespace) => controlPlane.mayStart(namespace, this.cluster),
      randomSuffix,
      onFailure: (subject, error) => this.events.add('failed', subject, error.message),
    });
  }

  async start(): Promise<void> {
    await this.#router.start();
    await this.#dns.listen(addressPlan.dns, 53);
    await this.cluster.refreshData();
    const signal = this.#ending.signal;
    void this.cluster.run(signal);
    this.cluster.watch({ changed: () => this.#update(), synced: () => this.#controllers.request() });
    const timer = setInterval(() => void this.#refresh(), REFRESH_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  /** Ends every pod; the namespaces go with the process. */
  async stop(): Promise<void> {
    this.#controllers.stop();
    const pods = this.kubelet.pods.map(({ pod }) => pod.metadata);
    await Promise.all(
      pods.map(({ namespace = 'default', name }) =>
        this.kubelet.stop(namespace, name, { maxGraceMs: SHUTDOWN_GRACE_MS, atOnce: true }),
      ),
    );
    this.#ending.abort();
    this.#dns.close();
  }

  async #refresh(): Promise<void> {
    await this.cluster.refreshData();
    await this.kubelet.refreshVolumes();
    this.#controllers.request();
  }

  /** Lets everything that is derived from the cluster follow it: controllers, DNS, cluster IPs, the state folder. */
  #update(): void {
    if (this.#updating) return;
    this.#updating = true;
    setImmediate(() => {
      this.#updating = false;
      const { source } = this.cluster;
      for (const { service, address, pod } of this.#endpoints.gone(source)) {
        this.events.add('endpoint gone', service, `${address} (${pod})`);
      }
      this.#controlPlane.annotateServices(this.cluster);
      this.#zone = new Zone(this.#options.clusterDomain, dnsServices(source), runningPodIps(source));
      this.#controllers.request();
      const failed = (error: Error) => this.events.add('failed', 'network', error.message);
      this.#router.applyServices(virtualPorts(source)).catch(failed);
      this.#state.publish(source).catch(failed);
    });
  }
}

export function nameOf({ metadata }: Pod): string {
  return join(metadata.namespace ?? 'default', metadata.name);
}
