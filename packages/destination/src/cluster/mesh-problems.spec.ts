import { describe, expect, it } from '@jest/globals';
import { meshProblems } from './mesh-problems.ts';

const metadata = { name: 'x', namespace: 'shop' };

describe('the check of what comes from a cluster', () => {
  it('finds in the objects of the mesh what its webhook would refuse', () => {
    const spec = { networks: [{ cidr: 'nowhere' }] };
    expect(meshProblems('NetworkAuthentication', { metadata, spec })).toEqual([
      {
        code: 'invalid_field',
        field: 'spec.networks[0].cidr',
        message: expect.stringMatching(/^spec\.networks\[0\]\.cidr is "nowhere": must be a network/),
      },
    ]);
    const target = { group: '', kind: 'Namespace', name: 'other' };
    expect(
      meshProblems('AuthorizationPolicy', {
        metadata,
        spec: { targetRef: target, requiredAuthenticationRefs: [] },
      }),
    ).toMatchObject([{ field: 'spec.targetRef.name' }]);
  });

  it('finds nothing in what is well, nor in other objects', () => {
    expect(meshProblems('Server', { metadata, spec: { podSelector: {}, port: 80 } })).toEqual([]);
    expect(meshProblems('Service', { metadata, spec: { ports: 'none' } })).toEqual([]);
    expect(meshProblems('HTTPRoute', { metadata, spec: 1 })).toEqual([]);
  });
});
