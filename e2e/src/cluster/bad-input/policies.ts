import { expect, it } from '@jest/globals';
import type { Manifest } from '../../harness/folder.ts';
import { pause, waitFor } from '../../harness/wait-for.ts';
import { logOf, metricOf } from '../harness/control-plane-pages.ts';
import { FELT_WITHIN_MS, feltAfter } from '../harness/felt.ts';
import { toYaml, tryKubectl } from '../harness/kubectl.ts';
import {
  aMeshTlsAuthentication,
  aNetworkAuthentication,
  anAuthorizationPolicy,
  aServer,
  aServiceProfile,
  policyRef,
} from '../harness/policies.ts';
import type { TestNamespace } from '../harness/test-namespace.ts';

const everywhere = (cidr: string) => aNetworkAuthentication('everywhere', { networks: [{ cidr }] });
const webPort = { podSelector: { matchLabels: { app: 'web' } }, port: 8080, proxyProtocol: 'HTTP/1' };

/** One object of each kind that says something it must not, and how the refusal begins. */
const MALFORMED: readonly (readonly [Manifest, string])[] = [
  [aServer('bad', { podSelector: {}, port: 0 }), 'spec.port is 0: must be a number from 1 to 65535'],
  [
    aServer('worse', { podSelector: {}, port: 'no-such-port', accessPolicy: 'denny' }),
    'spec.accessPolicy is "denny": must be one of deny',
  ],
  [
    anAuthorizationPolicy('bad', {
      targetRef: { group: 'apps', kind: 'Deployment', name: 'web' },
      requiredAuthenticationRefs: [],
    }),
    'spec.targetRef is {"group":"apps","kind":"Deployment","name":"web"}: must be a Server',
  ],
  [aMeshTlsAuthentication('bad', { identities: ['web.*.shop'] }), 'spec.identities[0] is "web.*.shop": must'],
  [
    aNetworkAuthentication('bad', { networks: [{ cidr: '10.0.0.0/33' }] }),
    'spec.networks[0].cidr is "10.0.0.0/33": must be a network',
  ],
  [
    aServiceProfile('web.somewhere.svc.cluster.local', { routes: [{ name: 'r', condition: {} }] }),
    'spec.routes[0].condition is {}: must be a condition',
  ],
];

export function policiesScenario(checked: () => TestNamespace, unchecked: () => TestNamespace): void {
  it.each(MALFORMED.map(([manifest, problem]) => [manifest.kind, problem, manifest] as const))(
    'a %s is refused by the webhook: %s',
    async (_kind, problem, manifest) => {
      const apply = ['apply', '-n', checked().name, '-f', '-'];
      const { status, stderr } = await tryKubectl(apply, toYaml([manifest]));
      expect([status, stderr]).toEqual([1, expect.stringContaining('denied the request: ')]);
      expect(stderr).toContain(`denied the request: ${problem}`);
    },
  );

  it('that come past the webhook are reported by destination, each once, by object and field', async () => {
    const since = new Date();
    const before = await metricOf('destination', 'kubernetes_objects_malformed_total');
    await unchecked().apply(...MALFORMED.map(([manifest]) => manifest));
    await waitFor('all are counted', 5000, async () => {
      const count = await metricOf('destination', 'kubernetes_objects_malformed_total');
      return count >= before + MALFORMED.length;
    });
    const lines = await logOf('destination', since);
    for (const [{ kind, metadata }, problem] of MALFORMED) {
      const object = `${kind} ${unchecked().name}/${metadata.name}`;
      const about = lines.filter((line) => line.includes(`object="${object}"`));
      // Quotes within a value are escaped.
      expect(about).toEqual([expect.stringContaining(problem.replaceAll('"', '\\"'))]);
      expect(about[0]).toContain('WARN an object is not in force as written');
    }
  });

  it('that come past the webhook leave the last good version in force, and others unharmed', async () => {
    const url = `http://web.${unchecked().name}/`;
    const felt = (status: string, ...edit: readonly Manifest[]) =>
      feltAfter(unchecked(), { client: 'legacy', url, status }, () => unchecked().apply(...edit));
    const ask = async () => Number(await unchecked().inside('legacy', 'status.mjs', url));
    const letIn = anAuthorizationPolicy('web-from-everywhere', {
      targetRef: policyRef('Server', 'web'),
      requiredAuthenticationRefs: [policyRef('NetworkAuthentication', 'everywhere')],
    });

    expect(await felt('403', aServer('web', webPort))).toBeLessThan(FELT_WITHIN_MS);
    expect(await felt('200', everywhere('0.0.0.0/0'), letIn)).toBeLessThan(FELT_WITHIN_MS);
    await unchecked().apply(everywhere('0.0.0.0/zero'), aServer('web', { ...webPort, accessPolicy: 'x' }));
    await pause(FELT_WITHIN_MS);
    expect(await ask()).toBe(200);
    // What is well is followed meanwhile.
    const other = anAuthorizationPolicy('web-from-everywhere', {
      targetRef: policyRef('Server', 'another'),
      requiredAuthenticationRefs: [],
    });
    expect(await felt('403', other)).toBeLessThan(FELT_WITHIN_MS);
    expect(await felt('200', letIn)).toBeLessThan(FELT_WITHIN_MS);
    expect(await felt('403', everywhere('203.0.113.0/24'))).toBeLessThan(FELT_WITHIN_MS);
  });
}
