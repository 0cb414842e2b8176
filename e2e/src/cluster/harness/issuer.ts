import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AuthorityPem } from '@weft/identity';
import { controlPlanePods } from './control-plane.ts';
import { anchorKeyFile, install } from './installation.ts';
import { get, kubectl } from './kubectl.ts';

interface Data {
  readonly data: Readonly<Record<string, string>>;
}

/** The trust anchor of what is installed, with its key; installs anew where nobody has the key any more. */
export async function installedAnchor(): Promise<AuthorityPem> {
  const known = await readAnchor();
  if (known !== undefined) return known;
  await install();
  const anchor = await readAnchor();
  if (anchor === undefined) throw new Error(`${anchorKeyFile} is not the key of the anchor just installed`);
  return anchor;
}

async function readAnchor(): Promise<AuthorityPem | undefined> {
  const { data } = await get<Data>('configmap', 'linkerd-identity-trust-roots', '-n', 'linkerd');
  const certChainPem = data['ca-bundle.crt']!;
  try {
    const keyPem = readFileSync(anchorKeyFile, 'utf8');
    const fits = new X509Certificate(certChainPem).checkPrivateKey(createPrivateKey(keyPem));
    return fits ? { certChainPem, keyPem } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The issuer in the Secret. */
export async function installedIssuer(): Promise<AuthorityPem> {
  const { data } = await get<Data>('secret', 'linkerd-identity-issuer', '-n', 'linkerd');
  const text = (name: string) => Buffer.from(data[name]!, 'base64').toString('utf8');
  return { certChainPem: text('crt.pem'), keyPem: text('key.pem') };
}

/** Puts an issuer into the Secret, and has kubelets look. */
export async function replaceIssuer({ certChainPem, keyPem }: AuthorityPem): Promise<void> {
  const patch = JSON.stringify({ stringData: { 'crt.pem': certChainPem, 'key.pem': keyPem } });
  await kubectl(['patch', '-n', 'linkerd', 'secret', 'linkerd-identity-issuer', '-p', patch]);
  await haveIssuerRead();
}

/** Has kubelets bring the Secret to the pods: by themselves they look once a minute. */
export async function haveIssuerRead(): Promise<void> {
  for (const { metadata } of await controlPlanePods('identity')) {
    const note = `weft.test/issuer-seen=${Date.now()}`;
    await kubectl(['annotate', '-n', metadata.namespace, 'pod', metadata.name, note, '--overwrite']);
  }
}
