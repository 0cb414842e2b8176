import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, root } from '../../harness/folder.ts';
import { aDeployment, aService } from './manifests.ts';

/** Has a shell, curl, tcpdump and tshark. */
export const DEBUG_IMAGE = 'weft/debug:0.1.0';

const ECHO = readFileSync(join(root, 'e2e', 'src', 'inside', 'echo.mjs'), 'utf8');

export interface PeerParts {
  /** On which it answers, and its Service too. */
  readonly ports?: readonly number[];
  /** Of the pod template. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Containers beside its own. */
  readonly containers?: readonly object[];
}

/** A Deployment and its Service: a workload that tells its callers what it sees of them, and may call others. */
export function peer(name: string, parts: PeerParts = {}): readonly [Manifest, Manifest] {
  const { ports = [8080], annotations = {}, labels = {}, containers = [] } = parts;
  const container = {
    ...{ name, image: 'shop:0.1.0', command: ['node', '--input-type=module', '-e', ECHO, 'echo'] },
    args: ports.map(String),
    ports: ports.map((containerPort) => ({ containerPort })),
    readinessProbe: { tcpSocket: { port: ports[0] }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m' } },
  };
  return [
    aDeployment(name, '', { annotations, labels, spec: { containers: [container, ...containers] } }),
    aService(
      name,
      ports.map((port) => ({ name: `http-${port}`, port })),
    ),
  ];
}

/** Network tools in a pod to which the mesh adds no debug sidecar. */
export const SNIFFER = {
  ...{ name: 'sniffer', image: DEBUG_IMAGE, command: ['sleep', 'infinity'] },
  resources: { requests: { cpu: '10m' } },
};
