import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';
import { defaultValues } from '@weft/injector';
import { parse } from 'yaml';
import { checkSchema } from './render/check-schema.ts';
import {
  certificates,
  directoryOf,
  find,
  helm,
  type KubernetesObject,
  nameOf,
  render,
} from './render/helm.ts';

// Helm and the programs are processes of their own; on a busy machine they take their time.
jest.setTimeout(60_000);

const chart = 'weft-control-plane';
const ha = ['values-ha.yaml'];
const plain = render(chart, { values: certificates });
const highlyAvailable = render(chart, { values: certificates, files: ha });
/** Certificates from cert-manager and trust-manager, and everything optional. */
const external = render(chart, {
  values: {
    identity: { externalCA: true, issuer: { scheme: 'kubernetes.io/tls' } },
    proxyInjector: {
      externalSecret: true,
      injectCaFrom: 'linkerd/injector',
      injectByDefault: { enabled: true },
    },
    profileValidator: { externalSecret: true, injectCaFromSecret: 'linkerd/profile' },
    policyValidator: { externalSecret: true, caBundle: 'PEM' },
    podMonitor: { enabled: true },
    configReaders: [{ kind: 'Group', name: 'ops', apiGroup: 'rbac.authorization.k8s.io' }],
    redis: { urlSecret: { name: 'redis' } },
    imagePullSecrets: [{ name: 'pull' }],
    tolerations: [{ operator: 'Exists' }],
    podLabels: { team: 'mesh' },
    podAnnotations: { note: 'x' },
    priorityClassName: 'system-cluster-critical',
    controllerGID: 2103,
    disableIPv6: false,
  },
});
const variants = { plain, highlyAvailable, external };
const deployments = ['linkerd-identity', 'linkerd-destination', 'linkerd-proxy-injector'];
const podOf = (objects: readonly KubernetesObject[], name: string) =>
  find(objects, `Deployment ${name}`).spec.template;
const decode = (text: string) => Buffer.from(text, 'base64').toString();

describe('the chart of the control plane', () => {
  it('passes the linter', () => {
    const args = ['lint', directoryOf(chart), '--kube-version', '1.34.0', '--strict', '--quiet'];
    const pem = Object.entries({
      identityTrustAnchorsPEM: 'x',
      'identity.issuer.tls.crtPEM': 'x',
      'identity.issuer.tls.keyPEM': 'x',
    }).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
    expect(helm(...args, ...pem)).not.toContain('[ERROR]');
    expect(helm(...args, ...pem, '-f', join(directoryOf(chart), ha[0]!))).not.toContain('[ERROR]');
  });

  it.each(Object.entries(variants))(
    'renders objects that the API knows in every field: %s',
    (_name, objects) => {
      expect(objects.flatMap(checkSchema)).toEqual([]);
    },
  );

  it('has the objects of a stock installation, under their names', () => {
    expect(plain.map(nameOf).sort()).toEqual([
      'ClusterRole linkerd-linkerd-destination',
      'ClusterRole linkerd-linkerd-identity',
      'ClusterRole linkerd-linkerd-proxy-injector',
      'ClusterRole linkerd-policy',
      'ClusterRoleBinding linkerd-destination-policy',
      'ClusterRoleBinding linkerd-linkerd-destination',
      'ClusterRoleBinding linkerd-linkerd-identity',
      'ClusterRoleBinding linkerd-linkerd-proxy-injector',
      'ConfigMap linkerd-config',
      'ConfigMap linkerd-identity-trust-roots',
      'Deployment linkerd-destination',
      'Deployment linkerd-identity',
      'Deployment linkerd-proxy-injector',
      'MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config',
      'Role ext-namespace-metadata-linkerd-config',
      'Secret linkerd-identity-issuer',
      'Secret linkerd-policy-validator-k8s-tls',
      'Secret linkerd-proxy-injector-k8s-tls',
      'Secret linkerd-sp-validator-k8s-tls',
      'Service linkerd-dst',
      'Service linkerd-dst-headless',
      'Service linkerd-identity',
      'Service linkerd-identity-headless',
      'Service linkerd-policy',
      'Service linkerd-policy-validator',
      'Service linkerd-proxy-injector',
      'Service linkerd-sp-validator',
      'ServiceAccount linkerd-destination',
      'ServiceAccount linkerd-identity',
      'ServiceAccount linkerd-proxy-injector',
      'ValidatingWebhookConfiguration linkerd-policy-validator-webhook-config',
      'ValidatingWebhookConfiguration linkerd-sp-validator-webhook-config',
    ]);
  });

  it('labels every object with its chart and its control plane, and puts it into the namespace', () => {
    const clusterWide = /^(ClusterRole|MutatingWebhook|ValidatingWebhook)/;
    for (const object of Object.values(variants).flat()) {
      expect(object.metadata.labels).toMatchObject({
        'helm.sh/chart': 'weft-control-plane-0.1.0',
        'linkerd.io/control-plane-ns': 'linkerd',
      });
      expect(object.metadata.namespace).toBe(clusterWide.test(object.kind) ? undefined : 'linkerd');
    }
  });

  it.each([
    ['linkerd-identity', 8080, 'ident-grpc', 8080, false],
    ['linkerd-identity-headless', 8080, 'ident-grpc', 8080, true],
    ['linkerd-dst', 8086, 'dest-grpc', 8086, false],
    ['linkerd-dst-headless', 8086, 'dest-grpc', 8086, true],
    ['linkerd-policy', 8090, 'policy-grpc', 8090, true],
    ['linkerd-proxy-injector', 443, 'proxy-injector', 8443, false],
    ['linkerd-sp-validator', 443, 'sp-validator', 8444, false],
    ['linkerd-policy-validator', 443, 'policy-https', 9443, false],
  ])('leads %s:%d to the port %s (%d) of a container', (name, port, target, number, headless) => {
    const { spec } = find(plain, `Service ${name}`);
    expect(spec.clusterIP).toBe(headless ? 'None' : undefined);
    expect(spec.ports[0].port).toBe(port);
    const pods = plain.filter(
      (object) =>
        object.kind === 'Deployment' &&
        Object.entries(spec.selector).every(
          ([key, value]) => object.spec.template.metadata.labels[key] === value,
        ),
    );
    expect(pods).toHaveLength(1);
    const { ports } = pods[0]!.spec.template.spec.containers[0];
    const { targetPort } = spec.ports[0];
    expect(ports).toContainEqual({ name: target, containerPort: number });
    expect([target, number]).toContain(targetPort);
  });
});

describe('pods of the control plane', () => {
  it.each(Object.entries(variants))('are as restricted as pod security knows: %s', (_name, objects) => {
    for (const name of deployments) {
      const { spec } = podOf(objects, name);
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 2103, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(spec.containers).toHaveLength(1);
      expect(spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('do not look as if they had a proxy', () => {
    for (const name of deployments) {
      const { metadata } = podOf(plain, name);
      expect(metadata.labels).not.toHaveProperty('linkerd.io/control-plane-ns');
      expect(metadata.annotations).toMatchObject({ 'linkerd.io/inject': 'disabled' });
    }
  });

  it('spread over nodes and zones, and are never all away, when highly available', () => {
    for (const name of deployments) {
      const { spec } = find(highlyAvailable, `Deployment ${name}`);
      expect(spec).toMatchObject({ replicas: 3, strategy: { rollingUpdate: { maxUnavailable: 1 } } });
      const { requiredDuringSchedulingIgnoredDuringExecution: required } =
        spec.template.spec.affinity.podAntiAffinity;
      expect(required[0].topologyKey).toBe('kubernetes.io/hostname');
      expect(spec.template.spec.containers[0].resources.requests.cpu).toBe('100m');
    }
    const budgets = highlyAvailable.filter(({ kind }) => kind === 'PodDisruptionBudget');
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual([
      'linkerd-dst',
      'linkerd-identity',
      'linkerd-proxy-injector',
    ]);
    for (const { spec } of budgets) expect(spec.maxUnavailable).toBe(1);
    for (const object of highlyAvailable.filter(({ kind }) => kind.endsWith('WebhookConfiguration')))
      expect(object.webhooks[0].failurePolicy).toBe('Fail');
  });

  it('call their programs with flags that these take', () => {
    const packages = { identity: 'identity', destination: 'destination', 'proxy-injector': 'injector' };
    for (const [service, folder] of Object.entries(packages)) {
      const main = fileURLToPath(new URL(`../../../packages/${folder}/dist/main.js`, import.meta.url));
      const { args } = podOf(plain, `linkerd-${service}`).spec.containers[0];
      expect(args[0]).toBe(service);
      // The last one given wins; it keeps the program from starting.
      const { status, stderr } = spawnSync(process.execPath, [main, ...args.slice(1), '-log-level=loud'], {
        encoding: 'utf8',
        env: {},
      });
      expect(stderr.trim()).toBe('-log-level="loud": expected one of trace, debug, info, warn, error, off');
      expect(status).toBe(64);
    }
  });
});

describe('what the control plane may do', () => {
  const rules = (name: string) =>
    find(plain, name).rules.flatMap(
      ({ apiGroups, resources, verbs }: { apiGroups: string[]; resources: string[]; verbs: string[] }) =>
        resources.map((resource) => `${[...verbs].sort().join(',')} ${apiGroups.join()}/${resource}`),
    );

  it('is what it does, and nothing more', () => {
    expect(rules('ClusterRole linkerd-linkerd-identity')).toEqual([
      'create authentication.k8s.io/tokenreviews',
      'create,patch /events',
    ]);
    expect(rules('ClusterRole linkerd-linkerd-destination')).toEqual([
      'list,watch /pods',
      'list,watch /services',
      'list,watch /nodes',
      'list,watch discovery.k8s.io/endpointslices',
      'list,watch apps/replicasets',
      'list,watch batch/jobs',
      'list,watch linkerd.io/serviceprofiles',
    ]);
    expect(rules('ClusterRole linkerd-policy')).toEqual(
      [
        'authorizationpolicies',
        'meshtlsauthentications',
        'networkauthentications',
        'serverauthorizations',
        'servers',
      ].map((resource) => `list,watch policy.linkerd.io/${resource}`),
    );
    expect(rules('ClusterRole linkerd-linkerd-proxy-injector')).toEqual([
      'create,patch /events',
      'get,list,watch /namespaces',
      'get apps/replicasets',
      'get batch/jobs',
    ]);
    expect(rules('Role ext-namespace-metadata-linkerd-config')).toEqual(['get /configmaps']);
  });
});

describe('certificates', () => {
  it('of webhooks are pairs that the API server is told to trust', () => {
    for (const [service, configuration] of [
      ['proxy-injector', 'MutatingWebhookConfiguration'],
      ['sp-validator', 'ValidatingWebhookConfiguration'],
      ['policy-validator', 'ValidatingWebhookConfiguration'],
    ]) {
      const { data, type } = find(plain, `Secret linkerd-${service}-k8s-tls`);
      const [webhook] = find(plain, `${configuration} linkerd-${service}-webhook-config`).webhooks;
      expect(type).toBe('kubernetes.io/tls');
      expect(decode(data['tls.key'])).toContain('PRIVATE KEY');
      expect(webhook.clientConfig).toEqual({
        service: { name: `linkerd-${service}`, namespace: 'linkerd', path: '/' },
        caBundle: data['tls.crt'],
      });
      expect(webhook).toMatchObject({ admissionReviewVersions: ['v1', 'v1beta1'], sideEffects: 'None' });
    }
  });

  it("of somebody else's are neither made nor named", () => {
    expect(external.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(external.map(nameOf)).not.toContain('ConfigMap linkerd-identity-trust-roots');
    const injector = find(external, 'MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config');
    expect(injector.metadata.annotations).toMatchObject({
      'cert-manager.io/inject-ca-from': 'linkerd/injector',
    });
    expect(injector.webhooks[0].clientConfig).not.toHaveProperty('caBundle');
    const profile = find(external, 'ValidatingWebhookConfiguration linkerd-sp-validator-webhook-config');
    expect(profile.metadata.annotations).toMatchObject({
      'cert-manager.io/inject-ca-from-secret': 'linkerd/profile',
    });
    const policy = find(external, 'ValidatingWebhookConfiguration linkerd-policy-validator-webhook-config');
    expect(decode(policy.webhooks[0].clientConfig.caBundle)).toBe('PEM');
    const { args } = podOf(external, 'linkerd-identity').spec.containers[0];
    expect(args).toContain('-identity-scheme=kubernetes.io/tls');
  });

  it('of the issuer are in the Secret, and no key is in the configuration', () => {
    const { data } = find(plain, 'Secret linkerd-identity-issuer');
    expect(decode(data['crt.pem'])).toBe(certificates.identity.issuer.tls.crtPEM.trim());
    expect(decode(data['key.pem'])).toBe(certificates.identity.issuer.tls.keyPEM.trim());
    const own = { crtPEM: 'C', keyPEM: 'OWN PRIVATE KEY', caBundle: 'B' };
    const objects = render(chart, {
      values: { ...certificates, proxyInjector: own, profileValidator: own, policyValidator: own },
    });
    expect(find(objects, 'ConfigMap linkerd-config').data.values).not.toContain('PRIVATE KEY');
    expect(decode(find(objects, 'Secret linkerd-sp-validator-k8s-tls').data['tls.key'])).toBe(
      'OWN PRIVATE KEY',
    );
  });
});

describe('values', () => {
  const ofChart = parse(readFileSync(join(directoryOf(chart), 'values.yaml'), 'utf8'));

  /** Where two trees differ, going by the members of the first. */
  function differences(expected: unknown, actual: unknown, path = ''): string[] {
    if (typeof expected !== 'object' || expected === null || Array.isArray(expected))
      return JSON.stringify(expected) === JSON.stringify(actual) ? [] : [path];
    return Object.entries(expected).flatMap(([name, value]) =>
      differences(
        value,
        (actual as Record<string, unknown> | undefined)?.[name],
        path === '' ? name : `${path}.${name}`,
      ),
    );
  }

  it('of injection are those that the injector has without a chart, names of images aside', () => {
    expect(differences(defaultValues, ofChart).sort()).toEqual([
      'debugContainer.image.name',
      'linkerdNamespace',
      'linkerdVersion',
      'proxy.image.name',
    ]);
  });

  it('reach the injector as they were given', () => {
    const values = {
      ...certificates,
      proxy: { logLevel: 'debug' },
      proxyInjector: { injectByDefault: { enabled: true } },
    };
    const { data } = find(render(chart, { values }), 'ConfigMap linkerd-config');
    expect(parse(data.values)).toMatchObject({
      proxy: { logLevel: 'debug', uid: 2102 },
      proxyInjector: { injectByDefault: { enabled: true, exceptNamespaces: ['cert-manager'] } },
      identityTrustDomain: 'cluster.local',
    });
  });

  it('take another namespace and another domain', () => {
    const values = {
      ...certificates,
      clusterDomain: 'example.org',
      identityTrustDomain: 'trust.example.org',
    };
    const objects = render(chart, { values, namespace: 'mesh' });
    const { args } = podOf(objects, 'linkerd-destination').spec.containers[0];
    expect(args).toEqual(
      expect.arrayContaining([
        '-controller-namespace=mesh',
        '-cluster-domain=example.org',
        '-identity-trust-domain=trust.example.org',
        '-identity-addr=linkerd-identity.mesh.svc.example.org.:8080',
      ]),
    );
    expect(objects.map(nameOf)).toContain('ClusterRole linkerd-mesh-identity');
  });

  it.each([
    [{ proxy: { uidd: 1 } }, "'/proxy': additional properties 'uidd' not allowed"],
    [{ proxy: { uid: 'x' } }, "'/proxy/uid': got string, want integer"],
    [{ proxies: {} }, "additional properties 'proxies' not allowed"],
    [{ webhookFailurePolicy: 'Maybe' }, "'/webhookFailurePolicy': value must be one of 'Ignore', 'Fail'"],
    [{ identity: { issuer: { issuanceLifetime: '1 day' } } }, "'/identity/issuer/issuanceLifetime'"],
    [{ identityTrustAnchorsPEM: '' }, 'identityTrustAnchorsPEM is required'],
    [{ identity: { issuer: { tls: { keyPEM: '' } } } }, 'identity.issuer.tls.keyPEM is required'],
    [{ proxyInjector: { externalSecret: true } }, 'proxyInjector.externalSecret needs one of'],
    [{ policyValidator: { injectCaFrom: 'a/b' } }, 'needs policyValidator.externalSecret'],
    [
      { profileValidator: { externalSecret: true, injectCaFrom: 'a/b', injectCaFromSecret: 'a/b' } },
      'profileValidator.injectCaFrom and profileValidator.injectCaFromSecret exclude each other',
    ],
    [{ proxyInjector: { crtPEM: 'x' } }, 'proxyInjector.crtPEM needs proxyInjector.keyPEM'],
  ])('that make no sense are refused by name: %j', (values, message) => {
    const merged = (base: object, over: object): object => ({
      ...base,
      ...Object.fromEntries(
        Object.entries(over).map(([name, value]) => [
          name,
          typeof value === 'object' ? merged((base as Record<string, object>)[name] ?? {}, value) : value,
        ]),
      ),
    });
    expect(() => render(chart, { values: merged(certificates, values) })).toThrow(message);
  });
});
