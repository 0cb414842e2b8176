import { describe, expect, it } from '@jest/globals';
import { mergeValues } from '../merge-values.ts';
import { injectedPod, pod, TRUST_ANCHORS } from '../pod.builder.ts';

const POLICY_NAME = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local';
const NETWORKS = '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8';

function listing(parts: Parameters<typeof injectedPod>[0]): string[] {
  return (injectedPod(parts).proxy.env ?? []).map(({ name, value, valueFrom }) => {
    const field = (valueFrom as { fieldRef?: { fieldPath?: string } } | undefined)?.fieldRef?.fieldPath;
    return `${name.replace('LINKERD2_PROXY_', '…')} ${field === undefined ? JSON.stringify(value) : `<${field}>`}`;
  });
}

const between = (lines: string[], first: string, last: string) =>
  lines.slice(
    lines.findIndex((line) => line.startsWith(first)),
    lines.findIndex((line) => line.startsWith(last)) + 1,
  );

describe('the environment of the proxy', () => {
  it('is this, in this order, by default', () => {
    expect(listing({})).toEqual([
      '_pod_name <metadata.name>',
      '_pod_ns <metadata.namespace>',
      '_pod_uid <metadata.uid>',
      '_pod_ip <status.podIP>',
      '_pod_nodeName <spec.nodeName>',
      '_pod_containerName "linkerd-proxy"',
      '…CORES "1"',
      '…CORES_MIN "1"',
      '…SHUTDOWN_ENDPOINT_ENABLED "false"',
      '…LOG "warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off"',
      '…LOG_FORMAT "plain"',
      '…DESTINATION_SVC_ADDR "linkerd-dst-headless.linkerd.svc.cluster.local.:8086"',
      `…DESTINATION_PROFILE_NETWORKS "${NETWORKS}"`,
      '…POLICY_SVC_ADDR "linkerd-policy.linkerd.svc.cluster.local.:8090"',
      '…POLICY_WORKLOAD "{\\"ns\\":\\"$(_pod_ns)\\", \\"pod\\":\\"$(_pod_name)\\"}\\n"',
      '…INBOUND_DEFAULT_POLICY "all-unauthenticated"',
      `…POLICY_CLUSTER_NETWORKS "${NETWORKS}"`,
      '…CONTROL_STREAM_INITIAL_TIMEOUT "3s"',
      '…CONTROL_STREAM_IDLE_TIMEOUT "5m"',
      '…CONTROL_STREAM_LIFETIME "1h"',
      '…INBOUND_CONNECT_TIMEOUT "100ms"',
      '…OUTBOUND_CONNECT_TIMEOUT "1000ms"',
      '…OUTBOUND_DISCOVERY_IDLE_TIMEOUT "5s"',
      '…INBOUND_DISCOVERY_IDLE_TIMEOUT "90s"',
      '…CONTROL_LISTEN_ADDR "0.0.0.0:4190"',
      '…ADMIN_LISTEN_ADDR "0.0.0.0:4191"',
      '…OUTBOUND_LISTEN_ADDR "127.0.0.1:4140"',
      '…OUTBOUND_LISTEN_ADDRS "127.0.0.1:4140"',
      '…INBOUND_LISTEN_ADDR "0.0.0.0:4143"',
      '…INBOUND_IPS <status.podIPs>',
      '…INBOUND_PORTS ""',
      '…DESTINATION_PROFILE_SUFFIXES "svc.cluster.local."',
      '…INBOUND_ACCEPT_KEEPALIVE "10000ms"',
      '…OUTBOUND_CONNECT_KEEPALIVE "10000ms"',
      '…INBOUND_ACCEPT_USER_TIMEOUT "30s"',
      '…OUTBOUND_CONNECT_USER_TIMEOUT "30s"',
      '…OUTBOUND_METRICS_HOSTNAME_LABELS "false"',
      '…INBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL "10s"',
      '…INBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT "3s"',
      '…OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL "10s"',
      '…OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT "3s"',
      '…INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION "25,587,3306,4444,5432,6379,9300,11211"',
      '…DESTINATION_CONTEXT "{\\"ns\\":\\"$(_pod_ns)\\", \\"nodeName\\":\\"$(_pod_nodeName)\\", \\"pod\\":\\"$(_pod_name)\\"}\\n"',
      '_pod_sa <spec.serviceAccountName>',
      '_l5d_ns "linkerd"',
      '_l5d_trustdomain "cluster.local"',
      '…IDENTITY_DIR "/var/run/linkerd/identity/end-entity"',
      `…IDENTITY_TRUST_ANCHORS ${JSON.stringify(TRUST_ANCHORS)}`,
      '…IDENTITY_TOKEN_FILE "/var/run/secrets/tokens/linkerd-identity-token"',
      '…IDENTITY_SVC_ADDR "linkerd-identity-headless.linkerd.svc.cluster.local.:8080"',
      '…IDENTITY_LOCAL_NAME "$(_pod_sa).$(_pod_ns).serviceaccount.identity.linkerd.cluster.local"',
      '…IDENTITY_SVC_NAME "linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local"',
      `…DESTINATION_SVC_NAME "${POLICY_NAME}"`,
      `…POLICY_SVC_NAME "${POLICY_NAME}"`,
    ]);
  });

  it('has its optional variables where Linkerd has them', () => {
    const lines = listing({
      workload: pod({
        annotations: { 'config.linkerd.io/enable-gateway': 'true', 'linkerd.io/inject': 'ingress' },
      }),
      values: {
        proxy: {
          runtime: { workers: { maximum: 4, maximumCPURatio: 0.25 } },
          requireIdentityOnInboundPorts: '80',
          disableInboundProtocolDetectTimeout: true,
          disableOutboundProtocolDetectTimeout: true,
          accessLog: 'json',
          shutdownGracePeriod: '30s',
          additionalEnv: [{ name: 'A', value: '1' }],
          experimentalEnv: [{ name: 'B', value: '2' }],
        },
      },
    });
    expect(between(lines, '…CORES ', '…SHUTDOWN_END')).toEqual([
      '…CORES "1"',
      '…CORES_MIN "1"',
      '…CORES_MAX "4"',
      '…CORES_MAX_RATIO "0.25"',
      '…INBOUND_PORTS_REQUIRE_IDENTITY "80"',
      '…SHUTDOWN_ENDPOINT_ENABLED "false"',
    ]);
    expect(between(lines, '…INBOUND_DISCOVERY', '…CONTROL_LISTEN')).toEqual([
      '…INBOUND_DISCOVERY_IDLE_TIMEOUT "90s"',
      '…OUTBOUND_DETECT_TIMEOUT "365d"',
      '…INBOUND_DETECT_TIMEOUT "365d"',
      '…CONTROL_LISTEN_ADDR "0.0.0.0:4190"',
    ]);
    expect(between(lines, '…INBOUND_PORTS ', '…DESTINATION_PROFILE_SUFFIXES')).toEqual([
      '…INBOUND_PORTS ""',
      '…INBOUND_GATEWAY_SUFFIXES "svc.cluster.local."',
      '…INGRESS_MODE "true"',
      '…DESTINATION_PROFILE_SUFFIXES "svc.cluster.local."',
    ]);
    expect(lines.slice(-4)).toEqual(['…ACCESS_LOG "json"', '…SHUTDOWN_GRACE_PERIOD "30s"', 'A "1"', 'B "2"']);
  });

  it('speaks of the installation it belongs to', () => {
    const { env } = injectedPod({
      values: { linkerdNamespace: 'mesh', clusterDomain: 'corp.test', identityTrustDomain: 'trust.test' },
    });
    expect(env('DESTINATION_SVC_ADDR')).toBe('linkerd-dst-headless.mesh.svc.corp.test.:8086');
    expect(env('POLICY_SVC_NAME')).toBe('linkerd-destination.mesh.serviceaccount.identity.mesh.trust.test');
    expect(env('IDENTITY_LOCAL_NAME')).toBe('$(_pod_sa).$(_pod_ns).serviceaccount.identity.mesh.trust.test');
    expect(env('DESTINATION_PROFILE_SUFFIXES')).toBe('svc.corp.test.');
  });

  it('listens on both families where IPv6 is on, and says so to the redirection', () => {
    const { env, init } = injectedPod({ values: { disableIPv6: false } });
    expect(env('INBOUND_LISTEN_ADDR')).toBe('[::]:4143');
    expect(env('ADMIN_LISTEN_ADDR')).toBe('[::]:4191');
    expect(env('CONTROL_LISTEN_ADDR')).toBe('[::]:4190');
    expect(env('OUTBOUND_LISTEN_ADDR')).toBe('127.0.0.1:4140');
    expect(env('OUTBOUND_LISTEN_ADDRS')).toBe('127.0.0.1:4140,[::1]:4140');
    expect(init?.args).not.toContain('--ipv6=false');
  });

  it('reads the pod token without projection', () => {
    const mount = { name: 'sa', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true };
    const { env, object, proxy, init } = injectedPod({
      workload: pod({ container: { volumeMounts: [{ name: 'data', mountPath: '/d' }, mount] } }),
      values: { identity: { serviceAccountTokenProjection: false } },
    });
    expect(env('IDENTITY_TOKEN_FILE')).toBe('/var/run/secrets/kubernetes.io/serviceaccount/token');
    expect(object.spec.volumes.map(({ name }) => name)).not.toContain('linkerd-identity-token');
    expect(proxy.volumeMounts?.at(-1)).toEqual(mount);
    expect(init?.volumeMounts?.at(-1)).toEqual(mount);
  });

  it('omits the workers where nothing is said about them, and lets the deprecated number win', () => {
    const none = injectedPod({ values: { proxy: { runtime: { workers: { minimum: null } } } } });
    expect([none.env('CORES'), none.env('CORES_MIN')]).toEqual([undefined, undefined]);
    expect(
      injectedPod({ values: { proxy: { runtime: { workers: { minimum: null, maximum: 2 } } } } }).env(
        'CORES',
      ),
    ).toBe('1');
    const { env } = injectedPod({ values: { proxy: { cores: 3, runtime: { workers: { maximum: 9 } } } } });
    expect([env('CORES'), env('CORES_MIN'), env('CORES_MAX')]).toEqual(['3', '3', undefined]);
  });

  it('flattens any tree of parameters, sorted at each level', () => {
    const lines = listing({
      values: {
        proxy: { outbound: { server: { http2: { maxFrameSize: 16384 }, b: true }, connect: { x1Y: 'z' } } },
      },
    });
    expect(between(lines, '…OUTBOUND_CONNECT_X1_Y', '…INBOUND_PORTS_DISABLE').slice(0, -1)).toEqual([
      '…OUTBOUND_CONNECT_X1_Y "z"',
      '…OUTBOUND_SERVER_B "true"',
      '…OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL "10s"',
      '…OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT "3s"',
      '…OUTBOUND_SERVER_HTTP2_MAX_FRAME_SIZE "16384"',
    ]);
  });
});

describe('the ports that the proxy watches', () => {
  it('are those of all containers and HTTP probes, once each, sorted as text', () => {
    const workload = pod({
      spec: { initContainers: [{ name: 'i', ports: [{ containerPort: 9090 }] }] },
      container: {
        ports: [
          { containerPort: 80, name: 'http' },
          { containerPort: 11211 },
          { containerPort: 80, protocol: 'UDP' },
        ],
        readinessProbe: { httpGet: { port: 8081 } },
        livenessProbe: { httpGet: { port: 'http' } },
      },
    });
    expect(injectedPod({ workload }).env('INBOUND_PORTS')).toBe('11211,80,8081,9090');
  });
});

describe('tracing', () => {
  const tracing = {
    enabled: true,
    collector: {
      endpoint: 'collector:4317',
      meshIdentity: { serviceAccountName: 'collector', namespace: 'obs' },
    },
  };

  it('describes the pod by configuration, labels and annotations, in rising order', () => {
    const workload = pod({
      labels: { 'app.kubernetes.io/instance': 'inst', 'app.kubernetes.io/name': 'name' },
      annotations: { 'resource.opentelemetry.io/zone': 'a', 'resource.opentelemetry.io/k8s.pod.ip': 'b' },
    });
    const rendered = injectedPod({ workload, values: { proxy: { tracing } } });
    const names = (rendered.proxy.env ?? []).map(({ name }) => name.replace('LINKERD2_PROXY_', ''));
    const first = names.indexOf('TRACE_ATTRIBUTES_PATH');
    expect(names[first - 1]).toBe('OUTBOUND_METRICS_HOSTNAME_LABELS');
    expect(names.slice(first, first + 8)).toEqual([
      'TRACE_ATTRIBUTES_PATH',
      'TRACE_ANNOTATIONS_PATH',
      'TRACE_PROTOCOL',
      'TRACE_SERVICE_NAME',
      'TRACE_COLLECTOR_SVC_ADDR',
      'TRACE_COLLECTOR_SVC_NAME',
      'TRACE_EXTRA_ATTRIBUTES',
      'INBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL',
    ]);
    expect(rendered.env('TRACE_COLLECTOR_SVC_NAME')).toBe(
      'collector.obs.serviceaccount.identity.linkerd.cluster.local',
    );
    expect(rendered.env('TRACE_EXTRA_ATTRIBUTES')).toBe(
      'k8s.container.name=$(_pod_containerName)\nk8s.pod.ip=b\nk8s.pod.uid=$(_pod_uid)\nservice.name=inst\nzone=a\n',
    );
  });

  it('takes the service name of the pod label that is there, an annotation first', () => {
    const attributes = (parts: Parameters<typeof pod>[0]) =>
      injectedPod({ workload: pod(parts), values: { proxy: { tracing } } }).env('TRACE_EXTRA_ATTRIBUTES');
    expect(attributes({ labels: { 'app.kubernetes.io/name': 'name' } })).toContain('service.name=name\n');
    expect(
      attributes({
        labels: { 'app.kubernetes.io/name': 'name' },
        annotations: { 'resource.opentelemetry.io/service.name': 'own' },
      }),
    ).toContain('service.name=own\n');
  });

  it('mounts the labels and annotations that it points to', () => {
    const { object, proxy } = injectedPod({ values: { proxy: { tracing } } });
    expect(object.spec.volumes.find(({ name }) => name === 'linkerd-podinfo')).toEqual({
      name: 'linkerd-podinfo',
      downwardAPI: {
        items: [
          { fieldRef: { fieldPath: 'metadata.labels' }, path: 'labels' },
          { fieldRef: { fieldPath: 'metadata.annotations' }, path: 'annotations' },
        ],
      },
    });
    expect(proxy.volumeMounts?.map(({ name }) => name)).toEqual([
      'linkerd-identity-end-entity',
      'linkerd-podinfo',
      'linkerd-identity-token',
    ]);
  });

  it.each([
    { endpoint: '' },
    { meshIdentity: { serviceAccountName: '' } },
    { meshIdentity: { namespace: '' } },
  ])('cannot be rendered with %j', (gap) => {
    const incomplete = { ...tracing, collector: mergeValues(tracing.collector, gap) };
    const render = () => injectedPod({ values: { proxy: { tracing: incomplete } } });
    expect(render).toThrow(expect.objectContaining({ code: 'tracing_collector_missing' }));
  });
});
