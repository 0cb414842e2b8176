import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalTokenIssuer } from '@weft/identity';
import { Identity } from '@weft/proto/identity';
import { createCsr, GrpcClient, toPem } from '@weft/service';
import { type Authority, identityOf, newKey } from './credentials.ts';
import { type Folder, root } from './folder.ts';
import { waitFor } from './wait-for.ts';

/** A certificate and its key, as PEM. */
export interface Leaf {
  readonly certificate: string;
  readonly key: string;
}

export interface ControlPlaneOptions {
  readonly folder: Folder;
  readonly authority: Authority;
  readonly leafLifetime?: string;
}

/** `weft local control-plane` on free ports of loopback, in plain text. */
export class ControlPlane {
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #tokens: LocalTokenIssuer;
  readonly #ports: readonly number[];
  #log = '';

  private constructor(
    child: ChildProcess,
    directory: string,
    tokens: LocalTokenIssuer,
    ports: readonly number[],
  ) {
    this.#child = child;
    this.#directory = directory;
    this.#tokens = tokens;
    this.#ports = ports;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
    }
  }

  static async start({ folder, authority, leafLifetime }: ControlPlaneOptions): Promise<ControlPlane> {
    const directory = mkdtempSync(join(tmpdir(), 'weft-e2e-credentials-'));
    const tokens = authority.writeTo(directory);
    const ports = await freePorts(5);
    const names = ['identity', 'destination', 'policy', 'identity-admin', 'destination-admin'];
    const addresses = names.flatMap((name, index) => [`--${name}-addr`, `127.0.0.1:${ports[index]}`]);
    const lifetime = leafLifetime === undefined ? [] : ['--leaf-lifetime', leafLifetime];
    const weft = join(root, 'packages', 'cli', 'bin', 'weft');
    const args = [
      'local',
      'control-plane',
      folder.path,
      '--credentials',
      directory,
      ...addresses,
      ...lifetime,
    ];
    const env = { ...process.env, WEFT_ENDS_WITH: String(process.pid) };
    const child = spawn(weft, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const plane = new ControlPlane(child, directory, tokens, ports);
    await waitFor('the control plane is ready', 30_000, async () => {
      const ready = await Promise.all(ports.slice(3).map((port) => fetch(`http://127.0.0.1:${port}/ready`)));
      return ready.every(({ ok }) => ok);
    });
    return plane;
  }

  get log(): string {
    return this.#log;
  }

  get destination(): string {
    return `127.0.0.1:${this.#ports[1]}`;
  }

  get policy(): string {
    return `127.0.0.1:${this.#ports[2]}`;
  }

  /** The metrics page of destination. */
  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.#ports[4]}/metrics`)).text();
  }

  /** Has a certificate issued, as a proxy of that service account would. */
  async certify(account: string): Promise<Leaf> {
    const identity = identityOf(account);
    const token = this.#tokens.mint({ namespace: 'shop', name: account, lifetimeMs: 60_000 });
    const { key, pem } = newKey();
    const client = new GrpcClient({ target: `127.0.0.1:${this.#ports[0]}` });
    const answer = await client.unary(Identity.method.certify, {
      identity,
      token: new TextEncoder().encode(token),
      certificateSigningRequest: createCsr(identity, key),
    });
    client.close();
    const chain = [answer.leafCertificate, ...answer.intermediateCertificates];
    return { certificate: chain.map((der) => toPem('CERTIFICATE', Buffer.from(der))).join(''), key: pem };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'close');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
