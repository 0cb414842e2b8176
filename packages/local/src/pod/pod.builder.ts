import type { Container, Pod, PodSpec } from '../cluster/objects.ts';

export function aContainer(container: Partial<Container> = {}): Container {
  return { name: 'web', command: ['web'], ...container };
}

export function aRunningPod(spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-0',
      namespace: 'shop',
      uid: 'b2f1',
      labels: { app: 'web' },
      annotations: { note: 'a "b"' },
    },
    spec: { containers: [aContainer()], nodeName: 'local', serviceAccountName: 'web', ...spec },
    status: {
      phase: 'Running',
      podIP: '10.42.0.17',
      podIPs: [{ ip: '10.42.0.17' }],
      hostIP: '10.42.0.1',
      conditions: [],
    },
  };
}
