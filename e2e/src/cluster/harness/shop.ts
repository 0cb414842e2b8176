import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Manifest, shop as shopFolder } from '../../harness/folder.ts';
import { apply, kubectl } from './kubectl.ts';
import { TestNamespace } from './test-namespace.ts';

const MANIFESTS = join(shopFolder, 'manifests');

/** Applies the shop's manifests, as its users would, and waits until all of it is ready. */
export async function openShop(): Promise<TestNamespace> {
  await kubectl(['delete', 'job', '-n', 'shop', '--all', '--ignore-not-found']);
  await kubectl(['apply', '-f', MANIFESTS]);
  const shop = TestNamespace.existing('shop');
  await shop.ready(180);
  return shop;
}

/**
 * The same shop in another namespace: nothing of its manifests is changed but that name, and the annotations that
 * pods of the workloads named get.
 */
export async function openShopIn(
  namespace: string,
  annotations: Readonly<Record<string, string>>,
  workloads: readonly string[],
): Promise<TestNamespace> {
  const shop = TestNamespace.existing(namespace);
  await shop.delete();
  await apply(...manifestsFor(namespace));
  const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  for (const workload of workloads) await shop.kubectl(['patch', 'deploy', workload, '-p', patch]);
  await shop.ready(240);
  return shop;
}

function manifestsFor(namespace: string): readonly Manifest[] {
  return readdirSync(MANIFESTS)
    .sort()
    .flatMap((file) => parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')))
    .map((document) => JSON.stringify(document.toJS()))
    .map((text) => text.replaceAll('.shop.serviceaccount.', `.${namespace}.serviceaccount.`))
    .map((text) => JSON.parse(text) as Manifest)
    .map((manifest) =>
      manifest.kind === 'Namespace'
        ? { ...manifest, metadata: { ...manifest.metadata, name: namespace } }
        : { ...manifest, metadata: { ...manifest.metadata, namespace } },
    );
}
