import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { startApiServer, type TestApiServer } from '../cluster/api-server.builder.ts';
import { runWeft } from '../run-weft.builder.ts';

// Each run starts a process, on a machine that may be busy.
jest.setTimeout(60_000);

const pod = 'kind: Pod\nmetadata:\n  name: web\nspec:\n  containers: []\n';

describe('weft inject and uninject, as processes', () => {
  let server: TestApiServer | undefined;

  afterEach(() => server?.close());

  it('writes documents to stdout and the report to stderr', async () => {
    const injected = await runWeft(['inject', '--ignore-cluster', '-'], { stdin: pod });
    expect(injected).toEqual({
      stdout:
        'kind: Pod\nmetadata:\n  annotations:\n    linkerd.io/inject: enabled\n  name: web\nspec:\n  containers: []\n---\n',
      stderr: '\npod "web" injected\n\n',
      status: 0,
    });
    const back = await runWeft(['uninject', '-o', 'json', '-'], { stdin: injected.stdout });
    expect(back).toEqual({
      stdout: '{"kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[]}}\n',
      stderr: '\npod "web" uninjected\n\n',
      status: 0,
    });
  });

  it('compares flags with what the cluster is configured for', async () => {
    server = await startApiServer({
      '/api/v1/namespaces/mesh/configmaps/linkerd-config': {
        data: { values: 'linkerdVersion: v7\nproxy: {logLevel: debug}\n' },
      },
      '/api/v1/namespaces/mesh/configmaps/linkerd-identity-trust-roots': { data: { 'ca-bundle.crt': 'PEM' } },
    });
    const flags = ['--api-addr', server.address, '-L', 'mesh', '--as', 'ada', '--as-group', 'dev'];
    const args = ['inject', ...flags, '--manual', '--proxy-log-level=debug', '-'];
    const { stdout, status } = await runWeft(args, { stdin: pod });
    expect(status).toBe(0);
    expect(stdout).not.toContain('config.linkerd.io/proxy-log-level');
    expect(stdout).toContain('image: cr.l5d.io/linkerd/proxy:v7\n');
    expect(stdout).toContain('linkerd.io/control-plane-ns: mesh\n');
    expect(stdout).toMatch(/IDENTITY_TRUST_ANCHORS\n +value: \|\n +PEM\n/);
    expect(server.requests[0]?.headers).toMatchObject({
      'impersonate-user': 'ada',
      'impersonate-group': 'dev',
    });
  });

  it('says how to go on where there is no control plane', async () => {
    server = await startApiServer({});
    const without = await runWeft(['inject', '--api-addr', server.address, '-'], { stdin: pod });
    expect(without).toMatchObject({ stdout: '', status: 1 });
    expect(without.stderr).toMatch(/ConfigMap linkerd-config is missing.*--ignore-cluster/);
  });

  it('prints problems in place of documents and report, and fails', async () => {
    const stdin = `${pod}---\n${pod.replace('containers', 'hostNetwork: true\n  containers')}`;
    expect(await runWeft(['inject', '--ignore-cluster', '-'], { stdin })).toEqual({
      stdout: '',
      stderr: 'Error transforming resources:\nfailed to inject pod/web: hostNetwork is enabled',
      status: 1,
    });
  });
});
