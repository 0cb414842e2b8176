import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '@weft/service';
import { destinationSettings, joinManifestFlags, meshConfig } from './settings.ts';

function read(...argv: string[]) {
  const result = readConfig(destinationSettings, { argv: joinManifestFlags(argv), env: {} });
  if (result.kind !== 'config') throw new Error(result.kind);
  return result.config;
}
const problem = (...argv: string[]): string => {
  try {
    read('--manifests', 'm', ...argv);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return 'none';
};

describe('the configuration', () => {
  it('has the defaults of Linkerd’s chart', () => {
    const config = read('--manifests', 'm');
    expect(config).toMatchObject({
      addr: { port: 8086 },
      policyAddr: { port: 8090 },
      adminAddr: { port: 9996 },
    });
    const mesh = meshConfig(config);
    expect(mesh).toMatchObject({
      controlPlaneNamespace: 'linkerd',
      clusterDomain: 'cluster.local',
      defaultPolicy: 'all-unauthenticated',
      forceOpaqueTransport: true,
      enableH2Upgrade: true,
      meshedHttp2: { keepAlive: { interval: { seconds: 10n }, timeout: { seconds: 3n }, whileIdle: true } },
    });
    expect([25, 11_211, 80].map((port) => mesh.defaultOpaquePorts.has(port))).toEqual([true, true, false]);
  });

  it('takes any number of directories, in their order', () => {
    expect(
      read('--manifests', 'a', '--log-level=debug', '--manifests=b', '-manifests', 'c').manifests,
    ).toEqual(['a', 'b', 'c']);
  });

  it('takes HTTP/2 parameters as charts write them, or none', () => {
    const params = (text: string) =>
      meshConfig(read('--manifests', 'm', '--meshed-http2-client-params', text)).meshedHttp2;
    expect(
      params('{"keep_alive":{"interval":{"seconds":7}},"internals":{"max_frame_size":16384}}'),
    ).toMatchObject({
      keepAlive: { interval: { seconds: 7n } },
      internals: { maxFrameSize: 16_384 },
    });
    expect(params('{}')).toBeUndefined();
  });

  it.each([
    ['--cluster-networks', '10.0.0.0/8,10.0.0/99', '10.0.0/99'],
    ['--default-policy', 'allow', 'all-unauthenticated'],
    ['--default-opaque-ports', '25,smtp', '25,smtp'],
    ['--meshed-http2-client-params', '{"keepalive":1}', 'keep_alive'],
    ['--enable-ipv6=maybe', '', 'true or false'],
  ])('refuses %s %s with what was expected', (flag, value, expected) => {
    expect(problem(...(value === '' ? [flag] : [flag, value]))).toContain(expected);
  });

  it('takes the cluster it runs in when there are no manifests', () => {
    expect(read()).toMatchObject({ manifests: [], kubeconfig: '' });
    expect(() => read('--manifests')).toThrow(/manifests/);
  });
});
