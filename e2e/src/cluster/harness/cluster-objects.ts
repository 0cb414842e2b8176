import { kubectl } from './kubectl.ts';

/** What the controllers of Kubernetes make of other objects, at any time. */
const DERIVED = ['Event', 'Pod', 'ReplicaSet', 'Job', 'Endpoints', 'EndpointSlice', 'IPAddress'];

const COLUMNS = 'KIND:.kind,VERSION:.apiVersion,NAMESPACE:.metadata.namespace,NAME:.metadata.name';

/** Every object of every kind in the whole cluster, one a line, but for those that follow from others. */
export async function clusterObjects(): Promise<readonly string[]> {
  const kinds = (await kubectl(['api-resources', '--verbs=list', '-o', 'name'])).trim().split('\n');
  const looked = kinds.filter((kind) => !kind.startsWith('events'));
  const output = ['-o', `custom-columns=${COLUMNS}`, '--no-headers'];
  const table = await kubectl(['get', looked.join(), '-A', '--ignore-not-found', ...output]);
  const lines = table.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return lines.filter((line) => line !== '' && !DERIVED.includes(line.split(' ')[0]!)).sort();
}
