import { describe, expect, it } from '@jest/globals';
import { injectedPod, pod } from '../pod.builder.ts';

const capabilities = (capabilities: object) => pod({ container: { securityContext: { capabilities } } });

describe('capabilities of the first container', () => {
  it('are the proxy’s as well', () => {
    const workload = capabilities({ add: ['CHOWN'], drop: ['ALL'] });
    expect(injectedPod({ workload }).proxy.securityContext?.capabilities).toEqual({
      add: ['CHOWN'],
      drop: ['ALL'],
    });
    expect(injectedPod({ workload: capabilities({}) }).proxy.securityContext?.capabilities).toBeUndefined();
    expect(injectedPod({ workload: capabilities({ drop: [] }) }).proxy.securityContext?.capabilities).toEqual(
      {
        drop: [],
      },
    );
  });

  it('join those of the redirection, which keeps what it needs', () => {
    const of = (given: object) =>
      injectedPod({ workload: capabilities(given) }).init?.securityContext?.capabilities;
    expect(of({ add: ['CHOWN'], drop: ['NET_RAW', 'ALL', 'NET_ADMIN'] })).toEqual({
      add: ['NET_ADMIN', 'NET_RAW', 'CHOWN'],
      drop: ['ALL'],
    });
    expect(of({ drop: ['NET_RAW'] })).toEqual({ add: ['NET_ADMIN', 'NET_RAW'] });
  });
});

describe('the redirection', () => {
  const init = (proxyInit: object) => injectedPod({ values: { proxyInit } }).init!;

  it('runs as nobody, whatever 0 is configured, unless it is to run as root', () => {
    expect(init({ runAsUser: 0, runAsGroup: 0 }).securityContext).toMatchObject({
      runAsUser: 65534,
      runAsGroup: 65534,
    });
    expect(init({ runAsUser: 7, runAsGroup: 8 }).securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 7,
      runAsGroup: 8,
    });
    expect(init({ runAsUser: 7, runAsRoot: true }).securityContext).toMatchObject({
      runAsNonRoot: false,
      runAsUser: 0,
      runAsGroup: 0,
      privileged: false,
    });
    expect(init({ privileged: true }).securityContext).toMatchObject({
      privileged: true,
      allowPrivilegeEscalation: true,
      runAsUser: 65534,
    });
  });

  it('uses the legacy tables where told so, and no others than it knows', () => {
    expect(init({ iptablesMode: 'legacy' }).args?.slice(0, 2)).toEqual([
      '--ipv6=false',
      '--incoming-proxy-port',
    ]);
    for (const iptablesMode of ['', 'plain', 'ebpf']) {
      expect(() => init({ iptablesMode })).toThrow(
        expect.objectContaining({ code: 'invalid_iptables_mode' }),
      );
    }
  });

  it('takes its optional flags in this order', () => {
    const args = init({
      ...{ runAsRoot: true, closeWaitTimeoutSecs: 5, logFormat: 'json', logLevel: 'debug' },
      ...{ skipSubnets: '10.0.0.0/8', ignoreInboundPorts: '', ignoreOutboundPorts: '' },
    }).args;
    expect(args?.slice(args.indexOf('--inbound-ports-to-ignore'))).toEqual([
      ...['--inbound-ports-to-ignore', '4190,4191', '--timeout-close-wait-secs', '5'],
      ...['--log-format', 'json', '--log-level', 'debug', '--subnets-to-ignore', '10.0.0.0/8'],
    ]);
  });

  it('keeps its lock where it is told to', () => {
    const { object } = injectedPod({
      values: { proxyInit: { xtMountPath: { name: 'lock', mountPath: '/x' } } },
    });
    expect(object.spec.volumes[0]).toEqual({ name: 'lock', emptyDir: {} });
    expect(object.spec.initContainers[0]?.volumeMounts).toEqual([{ name: 'lock', mountPath: '/x' }]);
  });
});

describe('the network validator', () => {
  const validator = (values: object) =>
    injectedPod({ values: { cniEnabled: true, ...values } }).object.spec.initContainers[0];

  it('is rendered without mounts and with nothing but its own rights', () => {
    expect(validator({})).toEqual({
      name: 'linkerd-network-validator',
      image: 'cr.l5d.io/linkerd/proxy:v1',
      imagePullPolicy: 'IfNotPresent',
      command: ['/usr/lib/linkerd/linkerd2-network-validator'],
      args: [
        ...['--log-format', 'plain', '--log-level', 'debug', '--connect-addr', '1.1.1.1:20001'],
        ...['--listen-addr', '0.0.0.0:4140', '--timeout', '10s'],
      ],
      resources: null,
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsGroup: 65534,
        runAsNonRoot: true,
        runAsUser: 65534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
  });

  it('checks IPv6 where that is on, and what it is told to', () => {
    expect(validator({ disableIPv6: false })?.args).toEqual(
      expect.arrayContaining(['[fd00::1]:20001', '[::]:4140']),
    );
    const networkValidator = {
      connectAddr: '1.2.3.4:5',
      listenAddr: '0.0.0.0:6',
      timeout: '1s',
      logLevel: 'info',
    };
    expect(validator({ networkValidator })?.args).toEqual(
      expect.arrayContaining(['1.2.3.4:5', '0.0.0.0:6', '1s', 'info']),
    );
  });
});

describe('the proxy', () => {
  it('takes a whole security context in place of its own', () => {
    const securityContext = { runAsUser: 1 };
    expect(injectedPod({ values: { proxy: { securityContext } } }).proxy.securityContext).toEqual(
      securityContext,
    );
  });

  it('takes its pull policy and version of the most special value', () => {
    const { proxy, object } = injectedPod({
      values: { imagePullPolicy: 'Never', proxy: { image: { version: 'v5', pullPolicy: 'Always' } } },
    });
    expect([proxy.image, proxy.imagePullPolicy]).toEqual(['cr.l5d.io/linkerd/proxy:v5', 'Always']);
    expect(object.metadata.annotations['linkerd.io/proxy-version']).toBe('v5');
    expect(injectedPod({ values: { imagePullPolicy: 'Never' } }).proxy.imagePullPolicy).toBe('Never');
  });

  it('has requests and limits side by side, only those that are set', () => {
    const resources = { cpu: { request: '100m' }, memory: { request: '20Mi', limit: '250Mi' } };
    expect(injectedPod({ values: { proxy: { resources } } }).proxy.resources).toEqual({
      limits: { memory: '250Mi' },
      requests: { cpu: '100m', memory: '20Mi' },
    });
  });
});

describe('configuration that cannot be rendered', () => {
  it.each([
    ['invalid_log_http_headers', { proxy: { logHTTPHeaders: 'on' } }, 'proxy-log-http-headers'],
    ['invalid_cluster_networks', { clusterNetworks: '10.0.0.0/8,10.0.0.0/99' }, '"10.0.0.0/99"'],
    ['invalid_cluster_networks', { clusterNetworks: 'cluster' }, '"cluster"'],
    ['trust_anchors_missing', { identityTrustAnchorsPEM: ' \n' }, 'identityTrustAnchorsPEM'],
  ])('%s', (code, values, text) => {
    const render = () => injectedPod({ values });
    expect(render).toThrow(expect.objectContaining({ code }));
    expect(render).toThrow(text);
  });

  it('is no trouble to a pod that is not injected', () => {
    const annotations = { 'config.linkerd.io/proxy-log-http-headers': 'on', 'linkerd.io/inject': 'disabled' };
    expect(() => injectedPod({ workload: pod({ annotations }) })).toThrow('not injected');
  });
});

describe('UDP ports', () => {
  it('are warned of, for application containers only', () => {
    const udp = { ports: [{ containerPort: 53, protocol: 'UDP' }] };
    expect(injectedPod({ workload: pod({ container: udp }) }).warnings).toEqual([
      'UDP port(s) configured on pod spec: UDP does not pass through the proxy',
    ]);
    expect(
      injectedPod({ workload: pod({ spec: { initContainers: [{ name: 'i', ...udp }] } }) }).warnings,
    ).toEqual([]);
  });
});
