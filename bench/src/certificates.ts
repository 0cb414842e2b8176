import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** The key and the request for a certificate that Linkerd's proxy expects to find in its identity directory. */
export function writeIdentityDocuments(directory: string, name: string): void {
  const [key, request] = [join(directory, 'key.p8'), join(directory, 'csr.der')];
  const pem = join(directory, 'key.pem');
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  openssl('req', '-new', ...NEW_KEY, '-keyout', pem, '-out', request, '-outform', 'DER', ...subject);
  openssl('pkcs8', '-topk8', '-nocrypt', '-in', pem, '-out', key, '-outform', 'DER');
  for (const file of [key, request]) chmodSync(file, 0o644);
}

/** A certificate authority of one run: P-256, as a mesh has it, kept in the run's directory. */
export class Authority {
  readonly certificateFile: string;
  readonly #directory: string;
  readonly #keyFile: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.certificateFile = join(directory, 'anchor.pem');
    this.#keyFile = join(directory, 'anchor.key');
  }

  /** Opens the authority that `create` made in this directory. */
  static in(directory: string): Authority {
    return new Authority(directory);
  }

  static create(directory: string): Authority {
    const authority = new Authority(directory);
    const subject = ['-subj', '/CN=root.linkerd.cluster.local', '-days', '1'];
    const files = ['-keyout', authority.#keyFile, '-out', authority.certificateFile];
    openssl('req', '-x509', ...NEW_KEY, ...files, ...subject);
    return authority;
  }

  /** A key and certificate of its own for `name`, in one PEM file. */
  issue(name: string): string {
    const base = join(this.#directory, name);
    openssl('req', ...NEW_KEY, '-keyout', `${base}.key`, '-out', `${base}.csr`, '-subj', `/CN=${name}`);
    this.#sign(`${base}.csr`, 'PEM', name, `${base}.crt`, 'PEM');
    writeFileSync(`${base}.pem`, readFileSync(`${base}.crt`, 'utf8') + readFileSync(`${base}.key`, 'utf8'));
    return `${base}.pem`;
  }

  /** Signs a DER certificate request for `name`; answers the DER certificate. */
  sign(request: Uint8Array, name: string): Uint8Array {
    const base = join(this.#directory, `signed-${randomUUID()}`);
    writeFileSync(`${base}.csr`, request);
    this.#sign(`${base}.csr`, 'DER', name, `${base}.der`, 'DER');
    return readFileSync(`${base}.der`);
  }

  #sign(request: string, form: string, name: string, output: string, outputForm: string): void {
    const extensions = `${output}.ext`;
    writeFileSync(
      extensions,
      `subjectAltName=critical,DNS:${name}\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n`,
    );
    const issuer = ['-CA', this.certificateFile, '-CAkey', this.#keyFile, '-CAcreateserial', '-days', '1'];
    const files = [
      '-in',
      request,
      '-inform',
      form,
      '-out',
      output,
      '-outform',
      outputForm,
      '-extfile',
      extensions,
    ];
    openssl('x509', '-req', ...issuer, ...files);
  }
}
