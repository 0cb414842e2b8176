/** For the tests of webhooks, here and in other packages: certificates, mounted Secrets and a caller. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import type { KeyPair } from './files/serving-certificate.ts';

export const SERVER_NAME = 'webhook.linkerd.svc';

/** A new self-signed certificate and its key. */
export function aKeyPair(subject = SERVER_NAME): KeyPair {
  const directory = mkdtempSync(join(tmpdir(), 'weft-key-'));
  const [key, cert] = ['tls.key', 'tls.crt'].map((name) => join(directory, name)) as [string, string];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', `/CN=${subject}`, '-addext', `subjectAltName=DNS:${subject}`];
  execFileSync('openssl', [...args, '-days', '1', ...names, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const [keyText, certText] = [key, cert].map((file) => execFileSync('cat', [file], { encoding: 'utf8' }));
  rmSync(directory, { recursive: true });
  return { cert: certText!, key: keyText! };
}

/** A directory that changes the way a mounted Secret does: all files at once, by swapping the link `..data`. */
export class MountedSecret {
  readonly directory = mkdtempSync(join(tmpdir(), 'weft-mount-'));
  #version = 0;

  constructor(files?: Readonly<Record<string, string>>) {
    if (files !== undefined) this.write(files);
  }

  write(files: Readonly<Record<string, string>>): void {
    this.#version += 1;
    const version = `..${this.#version}`;
    mkdirSync(join(this.directory, version));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(this.directory, version, name), text);
      if (this.#version === 1) symlinkSync(join('..data', name), join(this.directory, name));
    }
    symlinkSync(version, join(this.directory, '..new'));
    renameSync(join(this.directory, '..new'), join(this.directory, '..data'));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const asSecret = ({ cert, key }: KeyPair) => ({ 'tls.crt': cert, 'tls.key': key });

/** An AdmissionReview as the API server sends it. */
export function aReview(request: object = {}, apiVersion = 'admission.k8s.io/v1'): object {
  return {
    apiVersion,
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      name: 'web-1',
      namespace: 'shop',
      operation: 'CREATE',
      dryRun: false,
      object: { metadata: { name: 'web-1' } },
      oldObject: null,
      ...request,
    },
  };
}

export interface CallOptions {
  readonly port: number;
  readonly ca: string;
  readonly body?: object | string | Buffer;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export interface CallResult {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of any shape
  readonly json: any;
  readonly fingerprint: string;
}

/** One HTTPS request as the API server makes it: verified against `ca`. */
export async function call(options: CallOptions): Promise<CallResult> {
  const { port, ca, body = aReview(), method = 'POST', path = '/', headers = {}, maxVersion } = options;
  const agent = options.agent ?? new Agent({ maxCachedSessions: 0 });
  const outgoing = request({
    ...{ host: '127.0.0.1', port, method, path, ca, agent, servername: SERVER_NAME },
    ...(maxVersion && { maxVersion }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  outgoing.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const json = response.headers['content-type'] === 'application/json' ? JSON.parse(text) : undefined;
  return { status: response.statusCode!, headers: response.headers, text, json, fingerprint: fingerprint256 };
}
