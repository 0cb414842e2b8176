import type { Json, JsonObject } from '../../manifest/json.ts';

/** A network policy for all pods of `shop`, with these members of its spec. */
export function testPolicy(name: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return { metadata: { namespace: 'shop', name, ...metadata }, spec: { podSelector: {}, ...spec } };
}

export const toNamespace = (name: string): Json => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

/** The policies of the guide. The first one is written as it stands there, without policyTypes. */
export const guide = {
  controlPlane: testPolicy('allow-linkerd-control-plane-egress', {
    egress: [{ to: [toNamespace('linkerd')] }],
  }),
  dns: testPolicy('egress-kube-dns', {
    policyTypes: ['Egress'],
    egress: [
      {
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
      },
    ],
  }),
  denyAll: testPolicy('default-deny-all', { policyTypes: ['Egress'] }),
} as const;
