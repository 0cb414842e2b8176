import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createIssuer, createTrustAnchor } from '@weft/identity';
import { root } from '../../harness/folder.ts';
import { runProgram } from '../../harness/run-program.ts';
import { kubectl } from './kubectl.ts';

const CHARTS = join(root, 'deploy', 'charts');
const DAY_MS = 86_400_000;

export async function helm(...args: readonly string[]): Promise<string> {
  const program = process.env.HELM ?? 'helm';
  const { status, stdout, stderr } = await runProgram(program, args);
  if (status !== 0) throw new Error(`helm ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Installs both charts as their README says, with certificates of a day. */
export async function installByHelm(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-helm-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  try {
    const anchor = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: 2 * DAY_MS });
    const issuer = createIssuer(anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs: DAY_MS });
    await helm('install', 'weft-crds', join(CHARTS, 'weft-crds'), '-n', 'linkerd', '--create-namespace');
    await kubectl([
      ...['label', 'namespace', 'linkerd', 'linkerd.io/is-control-plane=true'],
      'config.linkerd.io/admission-webhooks=disabled',
    ]);
    await helm(
      ...['install', 'weft-control-plane', join(CHARTS, 'weft-control-plane'), '-n', 'linkerd'],
      ...['--set-file', `identityTrustAnchorsPEM=${file('ca.crt', anchor.certChainPem)}`],
      ...['--set-file', `identity.issuer.tls.crtPEM=${file('issuer.crt', issuer.certChainPem)}`],
      ...['--set-file', `identity.issuer.tls.keyPEM=${file('issuer.key', issuer.keyPem)}`],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function uninstallByHelm(): Promise<void> {
  await helm('uninstall', 'weft-control-plane', '-n', 'linkerd', '--wait');
  await helm('uninstall', 'weft-crds', '-n', 'linkerd', '--wait');
  await kubectl(['delete', 'namespace', 'linkerd', '--wait']);
}
