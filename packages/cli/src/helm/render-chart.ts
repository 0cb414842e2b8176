import type { GlobalFlags } from '../cluster/flags.ts';
import { readDocuments } from '../manifest/document.ts';
import type { JsonObject } from '../manifest/json.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { renderYaml } from '../manifest/yaml.ts';
import { type ChartName, chartFolder } from './charts.ts';
import { runHelm } from './run-helm.ts';

export interface RenderOptions {
  readonly chart: ChartName;
  readonly namespace: string;
  readonly values: JsonObject;
  /** Of Kubernetes, such as `v1.34.0`. */
  readonly kubeVersion: string;
  /** Where templates may look things up; undefined: nowhere. */
  readonly lookIn: GlobalFlags | undefined;
  readonly signal: AbortSignal;
}

/** The objects of a chart, in the order in which helm would install them. @throws HelmError */
export async function renderChart(options: RenderOptions): Promise<JsonObject[]> {
  const { chart, namespace, values, kubeVersion, lookIn, signal } = options;
  const args = ['template', chart, chartFolder(chart)];
  args.push('--namespace', namespace, '--kube-version', kubeVersion, '--values', '-');
  if (lookIn !== undefined) args.push('--dry-run=server', ...clusterArgs(lookIn));
  // By standard input: values hold keys, which belong neither on disk nor among the arguments.
  const rendered = await runHelm({ args, stdin: renderYaml(values), signal });
  return readDocuments(rendered, `the chart ${chart}`).flatMap((document) => {
    if (document instanceof ManifestError) throw document;
    return document.content === null ? [] : [document.content];
  });
}

/** How helm names the cluster that this program was told to use. */
function clusterArgs({ kubeconfig, context, as, asGroup = [], apiAddr }: GlobalFlags): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
    ...(as === undefined ? [] : ['--kube-as-user', as]),
    ...asGroup.flatMap((group) => ['--kube-as-group', group]),
    ...(apiAddr === undefined ? [] : ['--kube-apiserver', `http://${apiAddr}`]),
  ];
}
