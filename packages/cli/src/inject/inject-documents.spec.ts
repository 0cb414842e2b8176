import { describe, expect, it } from '@jest/globals';
import { renderDocuments } from '../manifest/document.ts';
import { documentsOf } from '../manifest/documents.builder.ts';
import { type JsonObject, listAt, memberAt, objectAt, textAt } from '../manifest/json.ts';
import { marks } from '../terminal/marks.ts';
import { injectDocuments } from './inject-documents.ts';
import { planFor } from './plan.builder.ts';
import { renderReport } from './report.ts';

function inject(stream: string, ...args: string[]) {
  const result = injectDocuments(documentsOf(stream), planFor(...args));
  if (result.kind === 'failed') return { problems: result.problems };
  return {
    objects: result.documents.map(({ content }) => content as JsonObject),
    output: renderDocuments(result.documents, 'yaml'),
    report: renderReport(result.reports, { verbose: false, marks: marks(false) }),
  };
}

const template = (object: JsonObject | undefined) => objectAt(object, 'spec', 'template')!;
const annotations = (owner: JsonObject | undefined) => objectAt(owner, 'metadata', 'annotations');
const names = (object: JsonObject | undefined, place: string) =>
  listAt(template(object), 'spec', place).map((one) => textAt(one, 'name'));

const deployment = (
  options: { annotations?: string; labels?: string; spec?: string; name?: string } = {},
) => {
  const { annotations: own = '{}', labels = '{app: web}', spec = '', name = 'web' } = options;
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {annotations: ${own}, labels: ${labels}}
    spec:
      ${spec}
      containers: [{name: web, image: nginx, ports: [{containerPort: 80, name: http}]}]
`;
};

describe('inject, annotations only', () => {
  it('writes nothing but annotations on the pod template', () => {
    const { output, report } = inject(deployment(), '--proxy-log-level', 'debug');
    expect(output).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      annotations:
        config.linkerd.io/proxy-log-level: debug
        linkerd.io/inject: enabled
      labels:
        app: web
    spec:
      containers:
      - image: nginx
        name: web
        ports:
        - containerPort: 80
          name: http
---
`);
    expect(report).toBe('\ndeployment "web" injected\n\n');
  });

  it('is the pipeline of the guide: a List from the cluster gets the debug sidecar', () => {
    const list = `apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ""}\nitems:\n- ${deployment()
      .trimEnd()
      .replaceAll('\n', '\n  ')}\n`;
    const { objects, report } = inject(list, '--enable-debug-sidecar');
    const [item] = listAt(objects?.[0], 'items') as JsonObject[];
    expect(annotations(template(item))).toEqual({
      'config.linkerd.io/enable-debug-sidecar': 'true',
      'linkerd.io/inject': 'enabled',
    });
    expect(report).toBe('\ndeployment "web" injected\n\n');
  });

  it('annotates Namespaces with everything but what is for pods alone', () => {
    const { objects, report } = inject(
      'kind: Namespace\nmetadata: {name: shop}\n',
      '--enable-debug-sidecar',
      '--close-wait-timeout=1h',
      '--admin-port=5191',
    );
    expect(annotations(objects?.[0])).toEqual({
      'config.linkerd.io/admin-port': '5191',
      'linkerd.io/inject': 'enabled',
    });
    expect(report).toBe('\nnamespace "shop" annotated\n\n');
  });

  it('touches Services for opaque ports alone', () => {
    const service = 'kind: Service\nmetadata: {name: db}\n';
    expect(inject(service, '--admin-port=5191')).toMatchObject({
      objects: [{ metadata: { name: 'db' } }],
      report: '\nservice "db" skipped\n\n',
    });
    const { objects, report } = inject(service, '--opaque-ports=9999', '--admin-port=5191');
    expect(annotations(objects?.[0])).toEqual({ 'config.linkerd.io/opaque-ports': '9999' });
    expect(report).toBe('\nservice "db" annotated\n\n');
  });

  it('injects pods and cron jobs where their template is', () => {
    const { objects } = inject(
      'kind: Pod\nmetadata: {name: one}\nspec: {containers: []}\n---\n' +
        'kind: CronJob\nmetadata: {name: tick}\nspec: {jobTemplate: {spec: {template: {spec: {containers: []}}}}}\n',
    );
    expect(annotations(objects?.[0])).toEqual({ 'linkerd.io/inject': 'enabled' });
    expect(
      memberAt(
        objects?.[1],
        ...['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations', 'linkerd.io/inject'],
      ),
    ).toBe('enabled');
  });

  it('switches ingress mode on by flag, and leaves it on where the input has it', () => {
    const stream = `${deployment({ annotations: '{linkerd.io/inject: ingress}' })}---\n${deployment()}`;
    const inputs = inject(stream).objects?.map((object) => annotations(template(object)));
    expect(inputs).toEqual([{ 'linkerd.io/inject': 'ingress' }, { 'linkerd.io/inject': 'enabled' }]);
    const flagged = inject(stream, '--ingress').objects?.map((object) => annotations(template(object)));
    expect(flagged).toEqual([{ 'linkerd.io/inject': 'ingress' }, { 'linkerd.io/inject': 'ingress' }]);
  });

  it('lets a flag that says the default beat an annotation that says otherwise', () => {
    const own = '{config.linkerd.io/admin-port: "5191"}';
    const { objects } = inject(deployment({ annotations: own }), '--admin-port=4191');
    expect(annotations(template(objects?.[0]))).toMatchObject({ 'config.linkerd.io/admin-port': '4191' });
  });

  it('is idempotent, and takes out a sidecar added by hand before', () => {
    const manual = inject(deployment(), '--manual', '--enable-debug-sidecar').output ?? '';
    const again = inject(manual);
    expect(names(again.objects?.[0], 'containers')).toEqual(['web']);
    expect(inject(again.output ?? '').output).toBe(again.output);
  });

  it('skips what opted out, and says so', () => {
    const { objects, report } = inject(
      `${deployment({ annotations: '{linkerd.io/inject: disabled}' })}---\n${deployment({ name: 'api' })}`,
    );
    expect(annotations(template(objects?.[0]))).toEqual({ 'linkerd.io/inject': 'disabled' });
    expect(report).toBe(
      '\n‼ "linkerd.io/inject: disabled" annotation set on deployment/web\n\n' +
        'deployment "web" skipped\ndeployment "api" injected\n\n',
    );
  });

  it('says when there is nothing it could do', () => {
    expect(inject('kind: ConfigMap\nmetadata: {name: c}\n---\na: b\n').report).toBe(
      '\n‼ no supported objects found\n\nconfigmap "c" skipped\ndocument missing "kind" field, skipped\n\n',
    );
  });

  it('injects pods with UDP ports, with a warning', () => {
    const udp = (name: string) =>
      `kind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: dns, ports: [{containerPort: 53, protocol: UDP}]}]}\n`;
    expect(inject(udp('a')).report).toBe('\n‼ pod/a uses "protocol: UDP"\n\npod "a" injected\n\n');
    expect(inject(`${udp('a')}---\n${udp('b')}`).report).toBe(
      '\n‼ pod/a, pod/b use "protocol: UDP"\n\npod "a" injected\npod "b" injected\n\n',
    );
  });

  it('fails for pods on the network of their host and pods with a proxy of another mesh, naming every reason', () => {
    const stream = [
      deployment({ spec: 'hostNetwork: true' }),
      deployment({ name: 'ok' }),
      deployment({ name: 'istio', spec: 'hostNetwork: true\n      initContainers: [{name: istio-init}]' }),
      'kind: Pod\nmetadata: {name: dns}\nspec: {hostNetwork: true, containers: [{name: d, ports: [{protocol: UDP}]}]}\n',
    ].join('---\n');
    expect(inject(stream)).toEqual({
      problems: [
        'failed to inject deployment/web: hostNetwork is enabled',
        'failed to inject deployment/istio: hostNetwork is enabled, pod has a sidecar injected already',
        'failed to inject pod/dns: hostNetwork is enabled, UDP port(s) configured on pod spec',
      ],
    });
  });

  it('wants --manual for components of the control plane', () => {
    const component = deployment({ labels: '{linkerd.io/control-plane-component: identity}' });
    expect(inject(component).problems).toEqual([
      '--manual must be set when injecting control plane components',
    ]);
    expect(inject(component, '--manual').problems).toBeUndefined();
  });
});

describe('inject --manual', () => {
  it('adds the containers, who did it, and no wish for the injector', () => {
    const { objects, report } = inject(deployment(), '--manual', '--proxy-version', 'v9');
    const [object] = objects ?? [];
    expect(names(object, 'initContainers')).toEqual(['linkerd-init', 'linkerd-proxy']);
    expect(names(object, 'containers')).toEqual(['web']);
    expect(annotations(template(object))).toEqual({
      'config.linkerd.io/proxy-version': 'v9',
      'linkerd.io/created-by': 'linkerd/cli v1',
      'linkerd.io/proxy-version': 'v9',
      'linkerd.io/trust-root-sha256': expect.any(String),
    });
    expect(textAt(template(object), 'metadata', 'labels', 'linkerd.io/proxy-deployment')).toBe('web');
    expect(report).toBe('\ndeployment "web" injected\n\n');
  });

  const proxyEnv = (object: JsonObject | undefined, name: string) => {
    const proxy = listAt(template(object), 'spec', 'initContainers').find(
      (one) => textAt(one, 'name') === 'linkerd-proxy',
    );
    const found = listAt(proxy, 'env').find((one) => textAt(one, 'name') === `LINKERD2_PROXY_${name}`);
    return memberAt(found, 'value');
  };

  it('renders what the flag says where an annotation says otherwise', () => {
    const own = '{config.linkerd.io/proxy-log-level: warn}';
    const { objects } = inject(deployment({ annotations: own }), '--manual', '--proxy-log-level=trace');
    expect(proxyEnv(objects?.[0], 'LOG')).toMatch(/^trace/);
    expect(annotations(template(objects?.[0]))).toMatchObject({
      'config.linkerd.io/proxy-log-level': 'trace',
    });
  });

  it('resolves names of ports and takes additional variables from the template', () => {
    const own = `{config.linkerd.io/proxy-additional-env: '[{"name": "LINKERD2_PROXY_X", "value": "1"}]'}`;
    const { objects } = inject(deployment({ annotations: own }), '--manual', '--opaque-ports=http');
    expect(proxyEnv(objects?.[0], 'INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION')).toBe('80');
    expect(proxyEnv(objects?.[0], 'X')).toBe('1');
  });

  it('keeps ingress mode on every template', () => {
    const { objects } = inject(`${deployment()}---\n${deployment({ name: 'b' })}`, '--manual', '--ingress');
    for (const object of objects ?? []) {
      expect(annotations(template(object))).toMatchObject({ 'linkerd.io/inject': 'ingress' });
      expect(proxyEnv(object, 'INGRESS_MODE')).toBe('true');
    }
    expect.assertions(4);
  });

  it('gives the same again for its own output, debug sidecar included', () => {
    const args = ['--manual', '--enable-debug-sidecar', '--native-sidecar=false'];
    const once = inject(deployment(), ...args).output ?? '';
    expect(inject(once, ...args).output).toBe(once);
    expect(once.match(/name: linkerd-debug/g)).toHaveLength(1);
  });

  it('says what cannot be rendered, and of which workload', () => {
    expect(inject(deployment(), '--manual', '--close-wait-timeout=1h').problems).toEqual([
      expect.stringMatching(/^failed to inject deployment\/web: .*close-wait-timeout.*runAsRoot/),
    ]);
  });
});
