import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificateRequest } from '../src/identity/certificate-request.ts';

/** A program that can be the proxy of a pod. */
export interface ProxyProgram {
  readonly name: string;
  readonly path: string;
  /** Whether it finds its key and its certificate request in IDENTITY_DIR, where another program has put them. */
  readonly keyInFiles: boolean;
}

export const weft: ProxyProgram = {
  name: 'weft',
  path: fileURLToPath(new URL('../bin/weft-proxy', import.meta.url)),
  keyInFiles: false,
};

/** What has to lie in the directory before the program starts, readable by `uid`. */
export function writeIdentityFiles(
  { keyInFiles }: ProxyProgram,
  directory: string,
  identity: string,
  uid: number,
): void {
  if (!keyInFiles) return;
  const { key, csr } = createCertificateRequest(identity);
  const files = { 'key.p8': key.export({ type: 'pkcs8', format: 'der' }), 'csr.der': csr };
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    chownSync(path, uid, uid);
  }
}
