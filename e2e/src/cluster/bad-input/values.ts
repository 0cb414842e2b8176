import { expect, it } from '@jest/globals';
import { get } from '../harness/kubectl.ts';
import { tryWeft } from '../harness/weft.ts';

/** What somebody might write, and where the error says that it is. */
const WRONG = [
  ['controllerReplicas=zero', "at '/controllerReplicas': got string, want integer"],
  ['proxy.logLevl=debug', "at '/proxy': additional properties 'logLevl' not allowed"],
  ['proxy.defaultInboundPolicy=denny', "at '/proxy/defaultInboundPolicy': value must be one of"],
  ['proxy.ports.admin=99999', "at '/proxy/ports/admin': maximum: got 99,999"],
  ['webhookFailurePolicy=Sometimes', "at '/webhookFailurePolicy': value must be one of 'Ignore', 'Fail'"],
  [
    'identity.issuer.issuanceLifetime=tomorrow',
    "at '/identity/issuer/issuanceLifetime': 'tomorrow' does not",
  ],
  ['clusterNetworks=10.0.0.0/99', "at '/clusterNetworks': '10.0.0.0/99' does not match"],
] as const;

export function valuesScenario(): void {
  it.each(WRONG)('weft install --set %s: %s', async (value, problem) => {
    const { status, stdout, stderr } = await tryWeft(['install', '--ignore-cluster', '--set', value]);
    expect({ status, stdout, stderr }).toEqual({
      status: expect.any(Number),
      stdout: '',
      stderr: expect.stringContaining(problem),
    });
    expect(status).not.toBe(0);
  });

  it('weft upgrade --apply with a wrong value changes nothing', async () => {
    const config = () =>
      get<{ metadata: { resourceVersion: string } }>('configmap', '-n', 'linkerd', 'linkerd-config');
    const { metadata } = await config();
    const { status, stderr } = await tryWeft(['upgrade', '--apply', '--set', 'proxy.logFormat=xml']);
    expect([status, stderr]).toEqual([expect.any(Number), expect.stringContaining("at '/proxy/logFormat'")]);
    expect(status).not.toBe(0);
    expect((await config()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });
}
