import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority } from '../src/tls/certificates.builder.ts';
import { CONTROL_PLANE, ControlPlane } from './control-plane.builder.ts';
import { ownName, removeLeftoverDirectories } from './leftovers.builder.ts';
import { Pod, PROXY_UID } from './pod.builder.ts';
import { type ProxyProgram, weft, writeIdentityFiles } from './proxy-program.builder.ts';

export const ORDERS = 'orders.shop.serviceaccount.identity.linkerd.cluster.local';
export const TOKEN = 'the-token-of-orders';

/** Milliseconds that anything here may take before it counts as not happening. */
const PATIENCE = 10_000;

export interface ProxyOptions {
  /** Where it runs; in the network of this process when there is none. */
  readonly pod?: Pod;
  /** Without the prefix of the names; undefined takes a variable away. */
  readonly env?: Record<string, string | undefined>;
  /** Our own unless told. */
  readonly program?: ProxyProgram;
}

/** The program itself, configured as the injector would. */
export class ProxyProcess {
  readonly adminHost: string;
  /** What it wrote to stdout, line by line, and to stderr. */
  readonly log: string[] = [];
  stderr = '';
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #adminPort = 0;

  constructor(controlPlane: ControlPlane, { pod, env = {}, program = weft }: ProxyOptions = {}) {
    removeLeftoverDirectories();
    this.#directory = mkdtempSync(join(tmpdir(), ownName('')));
    const variables = this.#environment(controlPlane, pod, env);
    writeIdentityFiles(program, this.#directory, env.IDENTITY_LOCAL_NAME ?? ORDERS, PROXY_UID);
    this.adminHost = pod?.podIp ?? '127.0.0.1';
    const { path } = program;
    this.#child = pod === undefined ? spawn(path, { env: variables }) : pod.spawn([path], variables);
    let rest = '';
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.log.push(...lines);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        rmSync(this.#directory, { recursive: true, force: true });
        resolve(code ?? signal);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the admin port says that traffic is taken. */
  async ready(): Promise<this> {
    await this.listening();
    await eventually('the proxy is ready', async () => (await this.admin('/ready')).status === 200);
    return this;
  }

  /** Resolves when the admin port answers at all. */
  async listening(): Promise<this> {
    await eventually('the proxy listens', () => {
      if (this.#child.exitCode !== null) throw new Error(`the proxy ended: ${this.stderr}`);
      const line = this.log.find((each) => each.includes('Admin interface'));
      this.#adminPort = Number(/(?:listen=|on )\S*?:(\d+)$/.exec(line ?? '')?.[1] ?? 0);
      return this.#adminPort > 0;
    });
    return this;
  }

  get adminPort(): number {
    return this.#adminPort;
  }

  async admin(path: string, method = 'GET'): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://${this.adminHost}:${this.#adminPort}${path}`, { method });
    return { status: response.status, text: await response.text() };
  }

  /** The sum of the series of one family that hold all these texts; 0 when there are none. */
  async metric(name: string, ...having: string[]): Promise<number> {
    const { text } = await this.admin('/metrics');
    const lines = text.split('\n').filter((line) => {
      const rest = line.startsWith(name) ? line[name.length] : '';
      return (rest === '{' || rest === ' ') && having.every((each) => line.includes(each));
    });
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Resident memory in MB. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it at once, if it runs. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #environment(
    controlPlane: ControlPlane,
    pod: Pod | undefined,
    changes: Record<string, string | undefined>,
  ): NodeJS.ProcessEnv {
    const tokenFile = join(this.#directory, 'token');
    writeFileSync(tokenFile, TOKEN);
    if (pod !== undefined)
      for (const path of [this.#directory, tokenFile]) chownSync(path, PROXY_UID, PROXY_UID);
    const anywhere = (port: number) => (pod === undefined ? '127.0.0.1:0' : `0.0.0.0:${port}`);
    const name = pod === undefined ? undefined : CONTROL_PLANE;
    const variables: Record<string, string | undefined> = {
      INBOUND_LISTEN_ADDR: anywhere(4143),
      OUTBOUND_LISTEN_ADDRS: anywhere(4140),
      ADMIN_LISTEN_ADDR: anywhere(4191),
      DESTINATION_SVC_ADDR: controlPlane.address,
      DESTINATION_SVC_NAME: name,
      POLICY_SVC_ADDR: controlPlane.address,
      POLICY_SVC_NAME: name,
      IDENTITY_SVC_ADDR: controlPlane.address,
      IDENTITY_SVC_NAME: name,
      POLICY_WORKLOAD: '{"ns":"shop","pod":"orders-0"}\n',
      IDENTITY_DIR: this.#directory,
      IDENTITY_TRUST_ANCHORS: controlPlane.root.certificate.toString(),
      IDENTITY_TOKEN_FILE: tokenFile,
      IDENTITY_LOCAL_NAME: ORDERS,
      INBOUND_DEFAULT_POLICY: 'all-unauthenticated',
      INBOUND_IPS: pod?.podIp,
      SHUTDOWN_ENDPOINT_ENABLED: 'true',
      LOG: 'info',
      ...changes,
    };
    const env: NodeJS.ProcessEnv = {};
    for (const [key, value] of Object.entries(variables)) {
      if (value !== undefined) env[`LINKERD2_PROXY_${key}`] = value;
    }
    return env;
  }
}

export interface WorldOptions {
  /** The proxy; our own unless told. */
  readonly program?: ProxyProgram;
  /** Who certifies: that of another world for a mesh with it, one of its own unless told. */
  readonly root?: Authority;
}

/** A pod with its proxy and its control plane. */
export class ProxyWorld {
  readonly pod: Pod;
  readonly controlPlane: ControlPlane;
  readonly proxy: ProxyProcess;

  private constructor(pod: Pod, controlPlane: ControlPlane, proxy: ProxyProcess) {
    this.pod = pod;
    this.controlPlane = controlPlane;
    this.proxy = proxy;
  }

  /** `prepare` sets what the control plane says before the proxy asks. */
  static async start(
    env: Record<string, string> = {},
    prepare: (controlPlane: ControlPlane, pod: Pod) => void = () => {},
    { program = weft, root }: WorldOptions = {},
  ): Promise<ProxyWorld> {
    const pod = Pod.make();
    const controlPlane = await ControlPlane.start({
      ip: pod.hostIp,
      ...(root === undefined ? {} : { root }),
    });
    prepare(controlPlane, pod);
    const world = new ProxyWorld(pod, controlPlane, new ProxyProcess(controlPlane, { pod, env, program }));
    try {
      await world.proxy.ready();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.proxy.kill();
    await this.controlPlane.stop();
    this.pod.remove();
  }
}

/** Looks until something holds. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (await holds()) return;
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
