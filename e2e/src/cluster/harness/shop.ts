import { join } from 'node:path';
import { shop as shopFolder } from '../../harness/folder.ts';
import { kubectl } from './kubectl.ts';
import { TestNamespace } from './test-namespace.ts';

/** Applies the shop's manifests, as its users would, and waits until all of it is ready. */
export async function openShop(): Promise<TestNamespace> {
  await kubectl(['delete', 'job', '-n', 'shop', '--all', '--ignore-not-found']);
  await kubectl(['apply', '-f', join(shopFolder, 'manifests')]);
  const shop = TestNamespace.existing('shop');
  await shop.ready(180);
  return shop;
}
