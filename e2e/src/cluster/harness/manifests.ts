import type { Manifest } from '../../harness/folder.ts';

/** An image with Node that is on the cluster anyway. */
export const NODE_IMAGE = 'shop:0.1.0';

export interface DeploymentParts {
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Fields of the container, over those it has. */
  readonly container?: object;
  /** Fields of the pod's spec, over those it has. */
  readonly spec?: object;
}

/** A program of Node's as the only container of pods, named as the workload; `app` is their label, too. */
export function aDeployment(
  name: string,
  script: string,
  { replicas = 1, annotations = {}, labels = {}, container = {}, spec = {} }: DeploymentParts = {},
): Manifest {
  const selector = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: { ...selector, ...labels }, annotations },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [{ ...aContainer(name, script), ...container }],
          ...spec,
        },
      },
    },
  };
}

export function aContainer(name: string, script: string): { readonly name: string; readonly image: string } {
  return {
    ...{ name, image: NODE_IMAGE, command: ['node', '-e', script] },
    ...{ resources: { requests: { cpu: '10m' } } },
  };
}

/** Answers every request on some ports with JSON: the pod's name, the port and the path, and who asks. */
export function serverOn(...ports: readonly number[]): string {
  return `
    const { createServer } = require('node:http');
    const pod = require('node:os').hostname();
    for (const port of ${JSON.stringify(ports)})
      createServer(({ url, headers }, response) => {
        const client = headers['l5d-client-id'] ?? '';
        response.end(JSON.stringify({ pod, port, path: url, client }));
      }).listen(port);
    process.on('SIGTERM', () => process.exit(0));`;
}

/** Does nothing, until it is told to end: a pod to run programs in. */
export const IDLE = `setInterval(() => undefined, 1000); process.on('SIGTERM', () => process.exit(0));`;

export function aService(name: string, ports: readonly object[], spec: object = {}): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports, ...spec },
  };
}
