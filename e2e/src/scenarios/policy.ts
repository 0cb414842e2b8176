import { expect, it } from '@jest/globals';
import type { Manifest } from '../harness/folder.ts';
import type { Mesh } from '../harness/mesh.ts';
import { pause } from '../harness/wait-for.ts';

/** The shop's front door for the mesh alone. */
const MESH_TLS_FOR_WEB: readonly Manifest[] = [
  {
    apiVersion: 'policy.linkerd.io/v1beta3',
    kind: 'Server',
    metadata: { name: 'web-http', namespace: 'shop' },
    spec: { podSelector: { matchLabels: { app: 'web' } }, port: 'http', proxyProtocol: 'HTTP/1' },
  },
  {
    apiVersion: 'policy.linkerd.io/v1alpha1',
    kind: 'AuthorizationPolicy',
    metadata: { name: 'web-for-the-mesh', namespace: 'shop' },
    spec: {
      targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'web-http' },
      requiredAuthenticationRefs: [
        { group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: 'everybody-meshed' },
      ],
    },
  },
  {
    apiVersion: 'policy.linkerd.io/v1alpha1',
    kind: 'MeshTLSAuthentication',
    metadata: { name: 'everybody-meshed', namespace: 'shop' },
    spec: { identities: ['*'] },
  },
];

/** How soon an edit of a manifest must be felt. */
const FELT_WITHIN_MS = 2000;

export function policyScenario(mesh: () => Mesh): void {
  it('intruder gets 403, and PERMISSION_DENIED by gRPC', async () => {
    expect(await mesh().inside('intruder', 'status.mjs', 'http://ticker/')).toBe('403\n');
    expect(await mesh().inside('intruder', 'place-order.mjs', 'orders:50051')).toMatch(/^7 /);
    expect(await mesh().inside('web', 'place-order.mjs', 'orders:50051')).toBe('OK\n');
  });

  it('legacy is served while clients without authentication are allowed, and refused once the policy demands mesh TLS, within 2 s of the edit', async () => {
    expect(await mesh().inside('legacy', 'status.mjs', 'http://web/')).toBe('200\n');
    const change = async (status: string, edit: () => void) => {
      const felt = mesh().inside('legacy', 'until-status.mjs', 'http://web/', status, '10000');
      await pause(500);
      const edited = Date.now();
      edit();
      return Number(await felt) - edited;
    };
    const { folder } = mesh();
    expect(await change('403', () => folder.write('web-policy.yaml', ...MESH_TLS_FOR_WEB))).toBeLessThan(
      FELT_WITHIN_MS,
    );
    expect(await mesh().inside('traffic', 'status.mjs', 'http://web/')).toBe('200\n');
    expect(await change('200', () => folder.remove('web-policy.yaml'))).toBeLessThan(FELT_WITHIN_MS);
  });
}
