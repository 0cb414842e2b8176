import { describe, expect, it } from '@jest/globals';
import { ConfigError } from './config-error.ts';
import { configOf, environment, problemsOf } from './environment.builder.ts';
import { readConfig } from './read-config.ts';

const name = (short: string) => `LINKERD2_PROXY_${short}`;

describe('the environment', () => {
  it('has defaults for all that the injector leaves out', () => {
    const config = configOf({
      OUTBOUND_LISTEN_ADDRS: undefined,
      OUTBOUND_LISTEN_ADDR: undefined,
      INBOUND_LISTEN_ADDR: undefined,
      ADMIN_LISTEN_ADDR: undefined,
    });
    expect(config.outbound.listen).toEqual([{ ip: '127.0.0.1', port: 4140 }]);
    expect(config.inbound.listen).toEqual({ ip: '0.0.0.0', port: 4143 });
    expect(config.admin).toEqual({ listen: { ip: '127.0.0.1', port: 4191 }, shutdownEndpoint: false });
    expect(config.tap).toBeNull();
    expect(config.tracing).toBeNull();
    expect(config.inbound.connect).toEqual({
      keepAliveMs: undefined,
      userTimeoutMs: undefined,
      timeoutMs: 300,
      backoff: { minMs: 100, maxMs: 10_000, jitter: 0.1 },
    });
    expect(config.outbound.connect.timeoutMs).toBe(1000);
    expect(config.outbound.connect.backoff).toEqual({ minMs: 100, maxMs: 60_000, jitter: 0.1 });
    expect(config.inbound.httpQueue).toEqual({ capacity: 10_000, failFastTimeoutMs: 1000 });
    expect(config.outbound.httpQueue).toEqual({ capacity: 10_000, failFastTimeoutMs: 3000 });
    expect(config.outbound.tcpQueue).toEqual({ capacity: 10_000, failFastTimeoutMs: 3000 });
    expect(config.inbound.http1Pool).toEqual({ maxIdle: 10_000, idleTimeoutMs: 3000 });
    expect(config.inbound.maxInFlight).toBe(100_000);
    expect(config.inbound.discoveryIdleTimeoutMs).toBe(90_000);
    expect(config.outbound.discoveryIdleTimeoutMs).toBe(5000);
    expect(config.inbound.detectTimeoutMs).toBe(10_000);
    expect(config.inbound.profileTimeoutMs).toBe(500);
    expect(config.inbound.http2Server).toEqual({
      streamWindow: 65_535,
      connectionWindow: 1_048_576,
      adaptiveFlowControl: false,
      keepAlive: null,
      maxConcurrentStreams: null,
      maxFrameSize: 16_384,
      maxHeaderListSize: 16_384,
      maxPendingAcceptResetStreams: null,
      maxSendBufferSize: null,
    });
    expect(config.http2Client).toEqual({ streamWindow: 65_535, connectionWindow: 1_048_576 });
    expect(config.peerLimits).toEqual({
      headTimeoutMs: 30_000,
      http1MaxHeadBytes: 65_536,
      http1MaxFields: 100,
      http2MaxContinuations: 16,
      http2MaxControlFrames: 10_000,
      http2MaxEmptyData: 1000,
      http2MaxQueuedBytes: 8_388_608,
    });
    expect(config.identity.source).toMatchObject({ minRefreshMs: 10_000, maxRefreshMs: 86_400_000 });
    expect(config.destination.profileSuffixes).toEqual(['svc.cluster.local.']);
    expect(config.destination.context).toBe('');
    expect(config.metrics.retainIdleMs).toBe(600_000);
    expect(config.shutdown.gracePeriodMs).toBe(120_000);
    expect(config.log).toEqual({ filter: 'warn,linkerd=info,hickory=error', format: 'plain', access: 'off' });
    expect(config.warnings).toEqual([]);
  });

  it('is read by its own names on each side', () => {
    const config = configOf({
      INBOUND_CONNECT_TIMEOUT: '100ms',
      OUTBOUND_CONNECT_TIMEOUT: ' 1500ms ',
      INBOUND_ACCEPT_KEEPALIVE: '10000ms',
      OUTBOUND_CONNECT_USER_TIMEOUT: '30s',
      INBOUND_CONNECT_EXP_BACKOFF_MIN: '50ms',
      INBOUND_CONNECT_EXP_BACKOFF_MAX: '200ms',
      OUTBOUND_HTTP_QUEUE_CAPACITY: '5',
      OUTBOUND_TCP_FAILFAST_TIMEOUT: '2s',
      MAX_IDLE_CONNS_PER_ENDPOINT: '7',
      OUTBOUND_MAX_IDLE_CONNS_PER_ENDPOINT: '8',
      INBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT: '500ms',
      INBOUND_SERVER_HTTP2_KEEP_ALIVE_INTERVAL: '10s',
      INBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT: '3s',
      OUTBOUND_SERVER_HTTP2_MAX_CONCURRENT_STREAMS: '100',
      INBOUND_TCP_LISTEN_BACKLOG: '64',
      OUTBOUND_DISCOVERY_IDLE_TIMEOUT: '0',
      HTTP_HEAD_TIMEOUT: '5s',
      HTTP2_MAX_CONTINUATIONS: '0',
    });
    expect(config.peerLimits).toMatchObject({ headTimeoutMs: 5000, http2MaxContinuations: 0 });
    expect(config.inbound.connect.timeoutMs).toBe(100);
    expect(config.inbound.connect.backoff).toEqual({ minMs: 50, maxMs: 200, jitter: 0 });
    expect(config.inbound.accept.keepAliveMs).toBe(10_000);
    expect(config.inbound.http1Pool).toEqual({ maxIdle: 7, idleTimeoutMs: 500 });
    expect(config.inbound.http2Server.keepAlive).toEqual({ intervalMs: 10_000, timeoutMs: 3000 });
    expect(config.inbound.backlog).toBe(64);
    expect(config.outbound.connect.timeoutMs).toBe(1500);
    expect(config.outbound.connect.userTimeoutMs).toBe(30_000);
    expect(config.outbound.httpQueue.capacity).toBe(5);
    expect(config.outbound.tcpQueue.failFastTimeoutMs).toBe(2000);
    expect(config.outbound.http1Pool.maxIdle).toBe(8);
    expect(config.outbound.http2Server.maxConcurrentStreams).toBe(100);
    expect(config.outbound.discoveryIdleTimeoutMs).toBe(0);
    expect(config.outbound.listen).toEqual([
      { ip: '127.0.0.1', port: 4140 },
      { ip: '::1', port: 4140 },
    ]);
  });

  it('says whom to trust among the services of the control plane', () => {
    const config = configOf();
    expect(config.destination.service).toEqual({
      authority: 'linkerd-dst-headless.linkerd.svc.cluster.local.:8086',
      host: 'linkerd-dst-headless.linkerd.svc.cluster.local.',
      port: 8086,
      loopback: false,
      identity: 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local',
    });
    expect(config.policy.service).toMatchObject({ host: 'localhost.', loopback: true, identity: null });
    expect(config.identity.source).toMatchObject({
      service: { host: '127.0.0.1', loopback: true, identity: null },
    });
    expect(config.policy.workload).toBe('{"ns":"emojivoto","pod":"web-0"}\n');
  });

  it('watches the admin port too, and the inbound port of a gateway', () => {
    expect([...configOf({ INBOUND_PORTS: '8000-8002' }).inbound.ports]).toEqual([8000, 8001, 8002, 4191]);
    const gateway = configOf({ INBOUND_PORTS: '', INBOUND_GATEWAY_SUFFIXES: 'svc.cluster.local.' });
    expect([...gateway.inbound.ports]).toEqual([4191, 4143]);
  });

  it('hides informational headers in ingress mode, unless told otherwise', () => {
    expect(configOf({}).outbound.informationalHeaders).toBe(true);
    expect(configOf({ INGRESS_MODE: 'true' }).outbound.informationalHeaders).toBe(false);
    const told = { INGRESS_MODE: 'true', OUTBOUND_DISABLE_INFORMATIONAL_HEADERS: 'false' };
    expect(configOf(told).outbound.informationalHeaders).toBe(true);
  });

  it('turns tap and tracing on by naming their peers', () => {
    const config = configOf({
      TAP_SVC_NAME: 'tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local',
      TRACE_COLLECTOR_SVC_ADDR: 'collector.linkerd-jaeger:4317',
      TRACE_COLLECTOR_SVC_NAME: 'collector.linkerd-jaeger.serviceaccount.identity.linkerd.cluster.local',
      TRACE_SERVICE_NAME: 'linkerd-proxy',
      TRACE_EXTRA_ATTRIBUTES: 'team="a"\nservice.name=b',
    });
    expect(config.tap?.listen).toEqual({ ip: '::', port: 4190 });
    expect(config.tracing?.service.port).toBe(4317);
    expect(Object.fromEntries(config.tracing?.attributes ?? [])).toEqual({ 'service.name': 'b', team: 'a' });
  });

  it('is one name or the same name twice', () => {
    const id = 'a.b.serviceaccount.identity.linkerd.cluster.local';
    const split = { IDENTITY_LOCAL_NAME: undefined, IDENTITY_SERVER_ID: id, IDENTITY_SERVER_NAME: id };
    expect(configOf(split).identity).toMatchObject({ name: id, serverName: id });
    expect(problemsOf({ ...split, IDENTITY_SERVER_NAME: 'other.example' })).not.toEqual([]);
    expect(problemsOf({ ...split, IDENTITY_SERVER_NAME: undefined })).not.toEqual([]);
  });

  describe('with SPIRE', () => {
    const spire = {
      IDENTITY_SPIRE_WORKLOAD_API_ADDRESS: 'unix:///run/spire/agent.sock',
      IDENTITY_SERVER_ID: 'spiffe://cluster.local/vm/orders',
      IDENTITY_SERVER_NAME: 'orders.cluster.local',
      ...{ IDENTITY_DIR: undefined, IDENTITY_TOKEN_FILE: undefined, IDENTITY_LOCAL_NAME: undefined },
      IDENTITY_SVC_ADDR: undefined,
    };

    it('asks its agent, and nothing of what the control plane would need', () => {
      expect(configOf(spire).identity).toMatchObject({
        name: 'spiffe://cluster.local/vm/orders',
        serverName: 'orders.cluster.local',
        source: {
          kind: 'spire',
          socket: '/run/spire/agent.sock',
          backoff: { minMs: 100, maxMs: 1000, jitter: 0.1 },
        },
      });
    });

    it('has an old name for the socket, and a prefix twice for the pauses', () => {
      const { source } = configOf({
        ...spire,
        IDENTITY_SPIRE_WORKLOAD_API_ADDRESS: undefined,
        IDENTITY_SPIRE_SOCKET: '/run/agent.sock',
        LINKERD2_PROXY_IDENTITY_SPIRE_EXP_BACKOFF_MIN: '1s',
        LINKERD2_PROXY_IDENTITY_SPIRE_EXP_BACKOFF_MAX: '5s',
      }).identity;
      expect(source).toEqual({
        kind: 'spire',
        socket: '/run/agent.sock',
        backoff: { minMs: 1000, maxMs: 5000, jitter: 0 },
      });
    });

    it.each<[string, Record<string, string | undefined>, string]>([
      ['TCP', { IDENTITY_SPIRE_WORKLOAD_API_ADDRESS: 'tcp://127.0.0.1:80' }, 'WORKLOAD_API_ADDRESS'],
      ['a relative path', { IDENTITY_SPIRE_WORKLOAD_API_ADDRESS: 'agent.sock' }, 'WORKLOAD_API_ADDRESS'],
      ['a name that is no URI', { IDENTITY_SERVER_ID: 'orders.cluster.local' }, 'IDENTITY_SERVER_ID'],
      ['a SPIFFE id without a path', { IDENTITY_SERVER_ID: 'spiffe://cluster.local' }, 'IDENTITY_SERVER_ID'],
      ['no server name', { IDENTITY_SERVER_NAME: undefined }, 'IDENTITY_SERVER_NAME'],
    ])('does not take %s', (_, changes, variable) => {
      expect(problemsOf({ ...spire, ...changes })).toMatchObject([
        { variable: expect.stringContaining(variable) },
      ]);
    });
  });

  it('warns of what is odd but not wrong', () => {
    const { warnings, log } = configOf({ INBOUND_DEFAULT_POLICY: undefined, ACCESS_LOG: 'nginx' });
    expect(warnings).toHaveLength(2);
    expect(log.access).toBe('off');
    const inVain = { INBOUND_PORTS_REQUIRE_TLS: '8080', TRACE_PROTOCOL: 'otlp' };
    expect(configOf(inVain).warnings).toEqual([expect.stringContaining(name('INBOUND_PORTS_REQUIRE_TLS'))]);
  });

  it.each<[Record<string, string>, Record<string, number>]>([
    [{}, { min: 1 }],
    [{ CORES: '3' }, { min: 3 }],
    [
      { CORES: '3', CORES_MIN: '2', CORES_MAX: '4', CORES_MAX_RATIO: '0.25' },
      { min: 2, max: 4, maxRatio: 0.25 },
    ],
  ])('reads on how many cores to work: %j', (changes, cores) => {
    const { cores: read, warnings } = configOf(changes);
    expect(read).toEqual({ max: undefined, maxRatio: undefined, ...cores });
    expect(warnings).toEqual([]);
  });

  it('warns of numbers of cores that there cannot be, and does without them', () => {
    const { cores, warnings } = configOf({
      CORES_MIN: '0',
      CORES: '2',
      CORES_MAX: 'many',
      CORES_MAX_RATIO: '1.5',
    });
    expect(cores).toEqual({ min: 2, max: undefined, maxRatio: undefined });
    expect(warnings).toEqual(
      ['CORES_MIN', 'CORES_MAX', 'CORES_MAX_RATIO'].map((each) =>
        expect.stringContaining(`${name(each)}: "`),
      ),
    );
  });

  it.each<[string, Record<string, string>]>([
    ['blanks around a duration', { OUTBOUND_CONNECT_TIMEOUT: ' 1s ' }],
    ['a bare zero', { OUTBOUND_DISCOVERY_IDLE_TIMEOUT: '0' }],
    ['a detection switched off', { OUTBOUND_DETECT_TIMEOUT: '365d' }],
    [
      'empty items in a list of ports',
      { INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION: '25, 443 ,,587,3306-3310' },
    ],
    ['the root suffix', { DESTINATION_PROFILE_SUFFIXES: '.' }],
    ['a suffix in capitals', { DESTINATION_PROFILE_SUFFIXES: ' SVC.Cluster.Local. ' }],
    [
      'empty stream limits',
      { CONTROL_STREAM_INITIAL_TIMEOUT: '', CONTROL_STREAM_IDLE_TIMEOUT: '', CONTROL_STREAM_LIFETIME: '' },
    ],
    [
      'names that mean nothing here',
      { INBOUND_PORTS_REQUIRE_TLS: 'x', TRACE_PROTOCOL: 'y', CORES_MAX_RATIO: 'z', OF_TOMORROW: '' },
    ],
    ['no log at all', { LOG: 'off' }],
    [
      'a policy of the cluster with its networks',
      { INBOUND_DEFAULT_POLICY: 'audit', POLICY_CLUSTER_NETWORKS: '10.0.0.0/8' },
    ],
    ['LOCALHOST. in capitals', { DESTINATION_SVC_ADDR: 'LOCALHOST.:8086' }],
  ])('takes %s', (_, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['a fraction', { OUTBOUND_CONNECT_TIMEOUT: '1.5s' }, 'OUTBOUND_CONNECT_TIMEOUT'],
    ['a duration without a unit', { OUTBOUND_CONNECT_TIMEOUT: '15' }, 'OUTBOUND_CONNECT_TIMEOUT'],
    ['a duration in weeks', { OUTBOUND_CONNECT_TIMEOUT: '1w' }, 'OUTBOUND_CONNECT_TIMEOUT'],
    ['a blank inside a duration', { OUTBOUND_CONNECT_TIMEOUT: '1 s' }, 'OUTBOUND_CONNECT_TIMEOUT'],
    [
      'a duration too large',
      { OUTBOUND_CONNECT_TIMEOUT: '99999999999999999999ms' },
      'OUTBOUND_CONNECT_TIMEOUT',
    ],
    ['an empty duration', { OUTBOUND_CONNECT_TIMEOUT: '' }, 'OUTBOUND_CONNECT_TIMEOUT'],
    ['a negative duration', { INBOUND_CONNECT_TIMEOUT: '-1s' }, 'INBOUND_CONNECT_TIMEOUT'],
    ['yes', { SHUTDOWN_ENDPOINT_ENABLED: 'yes' }, 'SHUTDOWN_ENDPOINT_ENABLED'],
    ['True', { SHUTDOWN_ENDPOINT_ENABLED: 'True' }, 'SHUTDOWN_ENDPOINT_ENABLED'],
    ['a limit of nothing', { HTTP1_MAX_FIELDS: '0' }, 'HTTP1_MAX_FIELDS'],
    ['a number with a letter', { OUTBOUND_MAX_IN_FLIGHT: '12x' }, 'OUTBOUND_MAX_IN_FLIGHT'],
    ['a listener with a name', { INBOUND_LISTEN_ADDR: 'localhost:4143' }, 'INBOUND_LISTEN_ADDR'],
    ['a listener without a port', { INBOUND_LISTEN_ADDR: '0.0.0.0' }, 'INBOUND_LISTEN_ADDR'],
    ['IPv6 without brackets', { INBOUND_LISTEN_ADDR: '::1:4143' }, 'INBOUND_LISTEN_ADDR'],
    [
      'a range backwards',
      { INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION: '20-10' },
      'INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION',
    ],
    ['a port by name', { INBOUND_PORTS: '80,http' }, 'INBOUND_PORTS'],
    ['a port too large', { INBOUND_PORTS: '70000' }, 'INBOUND_PORTS'],
    [
      'a network without a prefix',
      { DESTINATION_PROFILE_NETWORKS: '10.0.0.0' },
      'DESTINATION_PROFILE_NETWORKS',
    ],
    ['a prefix too long', { DESTINATION_PROFILE_NETWORKS: '10.0.0.0/33' }, 'DESTINATION_PROFILE_NETWORKS'],
    ['a network among addresses', { INBOUND_IPS: '10.0.0.0/8' }, 'INBOUND_IPS'],
    [
      'a suffix with an empty label',
      { DESTINATION_PROFILE_SUFFIXES: 'svc..local' },
      'DESTINATION_PROFILE_SUFFIXES',
    ],
    ['an unknown policy', { INBOUND_DEFAULT_POLICY: 'allow-some' }, 'INBOUND_DEFAULT_POLICY'],
    [
      'a policy of the cluster without networks',
      { INBOUND_DEFAULT_POLICY: 'cluster-authenticated' },
      'POLICY_CLUSTER_NETWORKS',
    ],
    [
      'authority labels but unsafe',
      { INBOUND_METRICS_AUTHORITY_LABELS: 'safe' },
      'INBOUND_METRICS_AUTHORITY_LABELS',
    ],
    [
      'a least wait without a longest',
      { OUTBOUND_CONNECT_EXP_BACKOFF_MIN: '100ms' },
      'OUTBOUND_CONNECT_EXP_BACKOFF_MAX',
    ],
    [
      'a longest wait without a least',
      { OUTBOUND_CONNECT_EXP_BACKOFF_MAX: '100ms' },
      'OUTBOUND_CONNECT_EXP_BACKOFF_MIN',
    ],
    [
      'a least wait above the longest',
      { OUTBOUND_CONNECT_EXP_BACKOFF_MIN: '2s', OUTBOUND_CONNECT_EXP_BACKOFF_MAX: '1s' },
      'OUTBOUND_CONNECT_EXP_BACKOFF_MIN',
    ],
    ['identities switched off', { IDENTITY_DISABLED: '1' }, 'IDENTITY_DISABLED'],
    ['a distant service without a name', { DESTINATION_SVC_NAME: undefined }, 'DESTINATION_SVC_NAME'],
    ['localhost without its dot', { POLICY_SVC_ADDR: 'localhost:8090' }, 'POLICY_SVC_NAME'],
    ['a service on no port', { POLICY_SVC_ADDR: 'localhost.:99999' }, 'POLICY_SVC_ADDR'],
    [
      'three listeners',
      { OUTBOUND_LISTEN_ADDRS: '127.0.0.1:1,[::1]:1,127.0.0.1:2' },
      'OUTBOUND_LISTEN_ADDRS',
    ],
    ['a token that is not there', { IDENTITY_TOKEN_FILE: '/nonexistent' }, 'IDENTITY_TOKEN_FILE'],
    ['trust anchors that are none', { IDENTITY_TRUST_ANCHORS: 'not pem' }, 'IDENTITY_TRUST_ANCHORS'],
    [
      'stream limits out of order',
      { CONTROL_STREAM_INITIAL_TIMEOUT: '10s', CONTROL_STREAM_IDLE_TIMEOUT: '5s' },
      'CONTROL_STREAM_INITIAL_TIMEOUT',
    ],
    [
      'a frame size of no frame',
      { INBOUND_SERVER_HTTP2_MAX_FRAME_SIZE: '1' },
      'INBOUND_SERVER_HTTP2_MAX_FRAME_SIZE',
    ],
  ])('refuses %s, and says where', (_, changes, variable) => {
    expect(problemsOf(changes).map((problem) => problem.variable)).toEqual([name(variable)]);
  });

  it.each([
    'IDENTITY_DIR',
    'IDENTITY_TRUST_ANCHORS',
    'IDENTITY_TOKEN_FILE',
    'IDENTITY_LOCAL_NAME',
    'DESTINATION_SVC_ADDR',
    'POLICY_SVC_ADDR',
    'IDENTITY_SVC_ADDR',
    'POLICY_WORKLOAD',
  ])('cannot do without %s', (variable) => {
    expect(problemsOf({ [variable]: undefined })).toEqual([
      { variable: name(variable), value: undefined, reason: 'required, but not set' },
    ]);
  });

  it('refuses an empty token', () => {
    const problems = problemsOf({}, { '/var/run/secrets/tokens/token': ' \n' });
    expect(problems.map(({ reason }) => reason)).toEqual(['the token is empty']);
  });

  it('reports all mistakes at once, each with its value', () => {
    const changes = { INBOUND_PORTS: 'http', OUTBOUND_MAX_IN_FLIGHT: '-1', INBOUND_IPS: 'me' };
    const error = (() => {
      try {
        return readConfig(environment(changes), () => 'token');
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).code).toBe('invalid-configuration');
    for (const [variable, value] of Object.entries(changes)) {
      expect((error as ConfigError).message).toContain(`${name(variable)}="${value}"`);
    }
  });

  it('writes the addresses of INBOUND_IPS as sockets report them', () => {
    const { ips } = configOf({ INBOUND_IPS: '10.1.2.3, FD00:0:0:0::1,::ffff:10.0.0.9' }).inbound;
    expect([...ips]).toEqual(['10.1.2.3', 'fd00::1', '10.0.0.9']);
  });
});
