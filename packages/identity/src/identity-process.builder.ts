import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Identity } from '@weft/proto/identity';
import { CredentialsStore, GrpcClient, type MeshCredentials } from '@weft/service';
import { type AuthorityPem, createIssuer, createTrustAnchor } from './certificate/authority.ts';
import { createTokenKeys, LocalTokenIssuer } from './token/local-token-issuer.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const hour = 3_600_000;

/** Identity as a real process, its issuer in a directory of its own, everything on loopback. */
export class IdentityProcess {
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-identity-'));
  readonly anchor = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: 100 * hour });
  readonly serverName = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local';
  readonly log: string[] = [];
  readonly #tokenKeys = createTokenKeys();
  readonly #tokens = new LocalTokenIssuer(this.#tokenKeys.privateKeyPem);
  readonly #clients: GrpcClient[] = [];
  #process: ChildProcess | undefined;
  #ports = { grpc: 0, admin: 0 };

  /** Starts and waits for both listeners. */
  async start(...flags: string[]): Promise<void> {
    writeFileSync(join(this.directory, 'anchors.pem'), this.anchor.certChainPem);
    writeFileSync(join(this.directory, 'tokens.pub'), this.#tokenKeys.publicKeyPem);
    const { grpc, admin } = await this.#run(flags);
    this.#ports = { grpc, admin };
  }

  #run(flags: string[]): Promise<{ grpc: number; admin: number }> {
    const child = spawn(
      process.execPath,
      [
        main,
        '-addr=127.0.0.1:0',
        '-admin-addr=127.0.0.1:0',
        '-log-format=json',
        `-issuer-dir=${this.directory}`,
        `-trust-anchors=${join(this.directory, 'anchors.pem')}`,
        `-token-public-keys=${join(this.directory, 'tokens.pub')}`,
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: {} },
    );
    this.#process = child;
    const { promise, resolve, reject } = Promise.withResolvers<{ grpc: number; admin: number }>();
    const ports = { grpc: 0, admin: 0 };
    let rest = '';
    child.stdout.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.log.push(line);
        const event = JSON.parse(line) as { message: string; port?: number };
        if (event.message === 'admin server is listening') ports.admin = event.port ?? 0;
        if (event.message === 'gRPC server is listening') {
          ports.grpc = event.port ?? 0;
          resolve(ports);
        }
      }
    });
    child.stderr.on('data', (chunk) => this.log.push(String(chunk)));
    child.once('exit', (code) => reject(new Error(`exited with ${code}: ${this.log.join('\n')}`)));
    return promise;
  }

  newIssuer(lifetimeMs = hour): AuthorityPem {
    return createIssuer(this.anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs });
  }

  writeIssuer({ certChainPem, keyPem }: AuthorityPem): void {
    writeFileSync(join(this.directory, 'crt.pem'), certChainPem);
    writeFileSync(join(this.directory, 'key.pem'), keyPem);
  }

  tokenFor(name: string, namespace: string): Buffer {
    return Buffer.from(this.#tokens.mint({ name, namespace, lifetimeMs: hour }));
  }

  /** A client as a proxy is one: mesh TLS, its own certificate only if it has one. */
  client(credentials: MeshCredentials = { anchorsPem: this.anchor.certChainPem }): GrpcClient {
    const client = new GrpcClient({
      target: `127.0.0.1:${this.#ports.grpc}`,
      tls: { serverName: this.serverName, credentials: new CredentialsStore(credentials) },
    });
    this.#clients.push(client);
    return client;
  }

  certify(client: GrpcClient, identity: string, token: Uint8Array, csr: Uint8Array) {
    const request = { identity, token, certificateSigningRequest: csr };
    return client.unary(Identity.method.certify, request, { timeoutMs: 5_000 });
  }

  async admin(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.admin}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** Sends SIGTERM and returns the exit code. */
  async stop(): Promise<number | null> {
    for (const client of this.#clients.splice(0)) client.close();
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGTERM');
    const [code] = await exited;
    return code;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Runs the program to its end. */
export async function runToEnd(
  flags: string[],
): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], env: {} });
  const output = { stderr: '', stdout: '' };
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
