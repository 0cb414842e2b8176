import { describe, expect, it } from '@jest/globals';
import { trim } from './trim.ts';

const metadata = {
  name: 'web-1',
  namespace: 'shop',
  uid: 'u',
  resourceVersion: '7',
  generateName: 'web-',
  selfLink: '/x',
  finalizers: ['f'],
  labels: { app: 'web' },
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'config.linkerd.io/opaque-ports': '25',
    'linkerd.io/inject': 'enabled',
    'notlinkerd.io/x': 'y',
  },
  ownerReferences: [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r', blockOwnerDeletion: true },
  ],
  managedFields: [{ manager: 'kubelet' }],
};

describe('trimming', () => {
  it('keeps of metadata what is read, and of annotations those of the mesh', () => {
    expect(trim('Node', { metadata }).metadata).toEqual({
      name: 'web-1',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '7',
      labels: { app: 'web' },
      annotations: { 'config.linkerd.io/opaque-ports': '25', 'linkerd.io/inject': 'enabled' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r' }],
    });
  });

  it('keeps of a pod its ports, probes and addresses, and of environments that of the proxy', () => {
    const env = [
      { name: 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR', value: '0.0.0.0:4143' },
      { name: 'SECRET', value: 'x' },
    ];
    const probe = { httpGet: { path: '/live', port: 80, scheme: 'HTTP' }, periodSeconds: 5 };
    const spec = {
      nodeName: 'n1',
      volumes: [{}],
      tolerations: [{}],
      containers: [
        { name: 'app', image: 'i', command: ['c'], env, ports: [{ containerPort: 80, hostIP: '1' }] },
        { name: 'linkerd-proxy', image: 'i', env, livenessProbe: probe },
      ],
    };
    const status = {
      phase: 'Running',
      podIPs: [{ ip: '10.1.0.1' }],
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: 't' },
        { type: 'ContainersReady', status: 'True' },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: [{}],
    };
    expect(trim('Pod', { metadata: { name: 'a' }, spec, status })).toEqual({
      metadata: { name: 'a' },
      spec: {
        nodeName: 'n1',
        containers: [
          { name: 'app', ports: [{ containerPort: 80 }] },
          {
            name: 'linkerd-proxy',
            env: [env[0]],
            livenessProbe: { httpGet: { path: '/live', port: 80 } },
          },
        ],
      },
      status: {
        phase: 'Running',
        podIPs: [{ ip: '10.1.0.1' }],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    });
  });

  it('keeps what is known of the containers of a pod that is not ready, and its readiness gates', () => {
    const conditions = [
      { type: 'Ready', status: 'False' },
      { type: 'ContainersReady', status: 'True' },
    ];
    const readinessGates = [{ conditionType: 'lb' }];
    const pod = { metadata: { name: 'a' }, spec: { readinessGates }, status: { conditions } };
    expect(trim('Pod', pod)).toEqual(pod);
  });

  it('keeps of a slice everything that decides about endpoints', () => {
    const endpoint = {
      addresses: ['10.1.0.1'],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: 'a',
      nodeName: 'n1',
      zone: 'z1',
      targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
      hints: { forZones: [{ name: 'z1' }] },
    };
    const slice = { addressType: 'IPv6', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] };
    const sent = { ...endpoint, targetRef: { ...endpoint.targetRef, uid: 'u' }, deprecatedTopology: {} };
    expect(trim('EndpointSlice', { metadata: { name: 's' }, ...slice, endpoints: [sent] })).toEqual({
      metadata: { name: 's' },
      ...slice,
      endpoints: [endpoint],
    });
  });

  it('keeps policies whole', () => {
    const spec = { targetRef: { kind: 'Server', name: 'web' }, requiredAuthenticationRefs: [] };
    expect(trim('AuthorizationPolicy', { metadata: { name: 'a' }, spec, kind: 'x' })).toEqual({
      metadata: { name: 'a' },
      spec,
    });
  });

  it('leaves what has the wrong shape for the schema to refuse', () => {
    expect(trim('Pod', { metadata: 'm', spec: { containers: 'c' }, status: 5 })).toEqual({
      metadata: 'm',
      spec: { containers: 'c' },
      status: 5,
    });
  });
});
