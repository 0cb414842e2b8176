import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod } from '../cluster/objects.ts';
import { LocalError } from '../errors.ts';
import { launchCommand, type MachinePaths } from './container-launch.ts';
import type { ContainerExit } from './container-process.ts';
import { ContainerSupervisor } from './container-supervisor.ts';
import { containerEnvironment, type FindData } from './environment.ts';
import { runHook, runInContainer } from './hooks.ts';
import { LogFile } from './log-file.ts';
import { isPodReady, nextPodState, type PodEvent, type PodState, phaseOf } from './pod-state.ts';
import { baseEnvironment, PROXY_INIT_CONTAINER, programOf } from './program.ts';
import type { RestartPolicy } from './restart.ts';
import { sleep } from './sleep.ts';

/**
 * Time between the moment a pod leaves the endpoints and its SIGTERM, in which every proxy hears of it. Kubernetes
 * leaves this to a `preStop` sleep.
 */
const ENDPOINT_REMOVAL_MS = 1000;

export interface PodRunnerOptions {
  /** The pod as admission left it, with its address in its status. */
  readonly pod: Pod;
  /** The pod's folder, with `volumes/` and `etc/` in place. */
  readonly directory: string;
  readonly networkNamespace: string;
  readonly machine: MachinePaths;
  readonly findData: FindData;
  /** Programs the pod's iptables with the arguments of its init container. */
  readonly initializeNetwork: (args: readonly string[], log: LogFile) => Promise<void>;
  readonly onChange: () => void;
  readonly onEvent: (message: string) => void;
  /** The pod has done its work, or failed at it. */
  readonly onEnd: (state: Extract<PodState, { state: 'ended' }>) => void;
}

/** Runs the containers of one pod in the order and with the endings Kubernetes defines. */
export class PodRunner {
  readonly #options: PodRunnerOptions;
  readonly #sidecars: ContainerSupervisor[] = [];
  readonly #apps: ContainerSupervisor[] = [];
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #current: ContainerSupervisor | undefined;
  #state: PodState = { state: 'pending' };

  constructor(options: PodRunnerOptions) {
    this.#options = options;
    void this.#run().catch((error: Error) => this.#fail(error));
  }

  get state(): PodState {
    return this.#state;
  }

  /** Settles when the last container has ended for good. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get containers(): readonly ContainerSupervisor[] {
    return [...this.#sidecars, ...this.#apps];
  }

  get ready(): boolean {
    return (
      this.#apps.length > 0 &&
      isPodReady(
        this.#state,
        this.containers.map(({ state }) => state),
      )
    );
  }

  get phase() {
    return phaseOf(this.#state);
  }

  /** Leaves the endpoints, lets everybody hear of it, then ends the containers: applications, then sidecars. */
  async stop(graceMs: number, { atOnce = false } = {}): Promise<void> {
    if (this.#state.state === 'ended') return;
    this.#apply({ event: 'stop', at: new Date() });
    this.#stopping.abort();
    if (!atOnce) await sleep(ENDPOINT_REMOVAL_MS);
    const deadline = performance.now() + graceMs;
    const left = () => Math.max(0, Math.ceil(deadline - performance.now()));
    await this.#current?.stop(left());
    await Promise.all(this.#apps.map((app) => this.#stopApp(app, left)));
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.stop(Math.max(left(), graceMs / 4))));
    this.#end({ event: 'completed' });
  }

  async #run(): Promise<void> {
    const { pod } = this.#options;
    this.#apply({ event: 'network-ready' });
    for (const container of pod.spec.initContainers ?? []) await this.#initialize(container);
    for (const container of pod.spec.containers) await this.#startApp(container);
    this.#apply({ event: 'initialized' });
    const exits = await Promise.all(this.#apps.map(({ done }) => done));
    if (this.#stopping.signal.aborted) return;
    await Promise.all(this.#sidecars.map((sidecar) => sidecar.stop(this.#graceMs)));
    const bad = exits.find(({ code }) => code !== 0);
    this.#end(
      bad === undefined ? { event: 'completed' } : { event: 'failed', reason: `exit code ${bad.code}` },
    );
  }

  async #initialize(container: Container): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    if (container.name === PROXY_INIT_CONTAINER) {
      await this.#options.initializeNetwork(container.args ?? [], this.#logOf(container));
      return;
    }
    if (container.restartPolicy === 'Always') {
      const sidecar = this.#supervise(container, 'Always');
      this.#sidecars.push(sidecar);
      await sidecar.started;
      return;
    }
    const policy = this.#options.pod.spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure';
    this.#current = this.#supervise(container, policy);
    const exit: ContainerExit = await this.#current.done;
    this.#current = undefined;
    if (exit.code !== 0 && !this.#stopping.signal.aborted) {
      throw new LocalError('bad_workload', `init container ${container.name} ended with ${exit.code}`, {
        exit,
      });
    }
  }

  /** Containers start one after the other, each when the `postStart` hook of the one before is through. */
  async #startApp(container: Container): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const app = this.#supervise(container, this.#options.pod.spec.restartPolicy ?? 'Always');
    this.#apps.push(app);
    await app.running;
    const hook = container.lifecycle?.postStart;
    if (hook) await runHook(hook, this.#contextOf(app), this.#stopping.signal);
  }

  async #stopApp(app: ContainerSupervisor, left: () => number): Promise<void> {
    const hook = app.container.lifecycle?.preStop;
    try {
      if (hook) await runHook(hook, this.#contextOf(app), AbortSignal.timeout(Math.max(1, left())));
    } finally {
      await app.stop(left());
    }
  }

  #supervise(container: Container, policy: RestartPolicy): ContainerSupervisor {
    const log = this.#logOf(container);
    const supervisor: ContainerSupervisor = new ContainerSupervisor({
      container,
      policy,
      ip: this.#options.pod.status?.podIP ?? '',
      prepare: async () => this.#startOptions(container, log),
      run: (command, signal) => runInContainer(supervisor, command, signal),
      onChange: this.#options.onChange,
      onEvent: this.#options.onEvent,
    });
    return supervisor;
  }

  #startOptions(container: Container, log: LogFile) {
    const { pod, directory, networkNamespace, machine, findData } = this.#options;
    const hostname = pod.spec.hostname ?? pod.metadata.name;
    const variables = containerEnvironment(container, pod, findData);
    const command = launchCommand({
      networkNamespace,
      hostname,
      machine,
      podDirectory: directory,
      container,
      podSpec: pod.spec,
      command: programOf(container, pod, variables),
    });
    const env = { ...baseEnvironment(hostname), ...Object.fromEntries(variables) };
    return { command, env, log, pidFile: join(directory, 'pids', container.name) };
  }

  #contextOf(supervisor: ContainerSupervisor) {
    return { supervisor, ip: this.#options.pod.status?.podIP ?? '' };
  }

  #logOf(container: Container): LogFile {
    return new LogFile(join(this.#options.directory, 'logs', `${container.name}.log`));
  }

  get #graceMs(): number {
    return (this.#options.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  #fail(error: Error): void {
    this.#options.onEvent(error.message);
    void Promise.all(this.containers.map((container) => container.stop(0))).then(() =>
      this.#end({ event: 'failed', reason: error.message }),
    );
  }

  #apply(event: PodEvent): void {
    const before = this.#state;
    this.#state = nextPodState(before, event);
    if (this.#state !== before) this.#options.onChange();
  }

  #end(event: PodEvent): void {
    const before = this.#state;
    this.#apply(event);
    if (before.state === 'running' && this.#state.state === 'ended') this.#options.onEnd(this.#state);
    this.#ended.resolve();
  }
}

/** Makes the folders and the files of a pod that its containers are built from. */
export async function preparePodDirectory(directory: string, files: { resolvConf: string; hosts: string }) {
  for (const name of ['etc', 'logs', 'pids', 'root', 'volumes'])
    await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, 'etc', 'resolv.conf'), files.resolvConf);
  await writeFile(join(directory, 'etc', 'hosts'), files.hosts);
}
