import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuthorityPem, createTrustAnchor } from '@weft/identity';

export interface TestLeaf {
  readonly anchor: AuthorityPem;
  /** The leaf alone. */
  readonly certChainPem: string;
  readonly keyPem: string;
}

/** A certificate as proxies have it: for one name, by an anchor of its own, signed by OpenSSL. */
export function leafFor(name: string): TestLeaf {
  const folder = mkdtempSync(join(tmpdir(), 'weft-leaf-'));
  const file = (path: string, content: string) => {
    writeFileSync(join(folder, path), content);
    return join(folder, path);
  };
  const anchor = createTrustAnchor({ name: 'root', lifetimeMs: 1e9 });
  const keyPem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const extensions = [
    'basicConstraints=CA:FALSE',
    'keyUsage=digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    `subjectAltName=DNS:${name}`,
  ];
  try {
    const key = file('key.pem', keyPem);
    const request = join(folder, 'request.pem');
    const leaf = join(folder, 'leaf.pem');
    const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
    run('req', '-new', '-key', key, '-subj', '/CN=web', '-out', request);
    run(
      ...['x509', '-req', '-in', request, '-days', '1', '-out', leaf, '-set_serial', '0x1a2b'],
      ...['-CA', file('ca.pem', anchor.certChainPem), '-CAkey', file('ca.key', anchor.keyPem)],
      ...['-extfile', file('extensions', extensions.join('\n'))],
    );
    return { anchor, certChainPem: readFileSync(leaf, 'utf8'), keyPem };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
