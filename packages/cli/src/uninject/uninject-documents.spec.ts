import { describe, expect, it } from '@jest/globals';
import { renderDocuments } from '../manifest/document.ts';
import { documentsOf } from '../manifest/documents.builder.ts';
import { renderReport } from './report.ts';
import { uninjectDocuments } from './uninject-documents.ts';

function uninject(stream: string) {
  const result = uninjectDocuments(documentsOf(stream));
  if (result.kind === 'failed') throw new Error(result.problems.join());
  return { output: renderDocuments(result.documents, 'yaml'), report: renderReport(result.reports) };
}

const deployment = ({ meta = '', annotations = '', labels = '', spec = '' }) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
${meta}spec:
  template:
    metadata:
      annotations:
        app: web
${annotations}      labels:
        app: web
${labels}    spec:
      containers:
      - name: web
${spec}`;

describe('uninject', () => {
  it('takes out containers, volumes, annotations and labels of injection', () => {
    const injected = deployment({
      meta: '  annotations: {linkerd.io/created-by: "linkerd/cli 1", a: b}\n  labels: {linkerd.io/x: y}\n',
      annotations: '        linkerd.io/inject: enabled\n        linkerd.io/proxy-version: v1\n',
      labels: '        linkerd.io/workload-ns: shop\n',
      spec: `      - name: linkerd-proxy
      - name: linkerd-debug
      initContainers:
      - name: migrate
      - name: linkerd-init
      - name: linkerd-proxy
      - name: linkerd-network-validator
      volumes:
      - name: linkerd-identity-end-entity
      - name: linkerd-proxy-init-xtables-lock
      - name: linkerd-identity-token
      - name: linkerd-podinfo
`,
    });
    expect(uninject(injected)).toEqual({
      output: `apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    a: b
  name: web
spec:
  template:
    metadata:
      annotations:
        app: web
      labels:
        app: web
    spec:
      containers:
      - name: web
      initContainers:
      - name: migrate
---
`,
      report: '\ndeployment "web" uninjected\n\n',
    });
  });

  it('keeps an opt-out and everything that is configuration', () => {
    const configured = deployment({
      annotations:
        '        config.alpha.linkerd.io/a: "1"\n        config.linkerd.io/skip-inbound-ports: "8080"\n' +
        '        linkerd.io/inject: disabled\n        viz.linkerd.io/tap-enabled: "true"\n',
    });
    expect(uninject(configured)).toEqual({
      output: `${configured}---\n`,
      report: '\ndeployment "web" skipped\n\n',
    });
  });

  it('does not count labels alone', () => {
    const { output, report } = uninject(deployment({ labels: '        linkerd.io/workload-ns: shop\n' }));
    expect(output).not.toContain('workload-ns');
    expect(report).toBe('\ndeployment "web" skipped\n\n');
  });

  it('leaves the metadata of control-plane components alone', () => {
    const component = deployment({
      annotations: '        linkerd.io/inject: enabled\n',
      labels: '        linkerd.io/control-plane-component: identity\n',
    });
    expect(uninject(component)).toEqual({
      output: `${component}---\n`,
      report: '\ndeployment "web" skipped\n\n',
    });
  });

  it('works on Namespaces, Services, CronJobs and Pods, and reports every document', () => {
    const stream = [
      'kind: Namespace\nmetadata: {name: shop, annotations: {linkerd.io/inject: enabled}}\n',
      'kind: Service\nmetadata: {name: web}\n',
      'kind: CronJob\nmetadata: {name: tick}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: linkerd-proxy}]}}}}}\n',
      'kind: Pod\nmetadata: {generateName: one-}\nspec: {initContainers: [{name: linkerd-init}]}\n',
      'kind: ConfigMap\nmetadata: {name: c}\n',
      'nothing: here\n',
    ].join('---\n');
    const { output, report } = uninject(stream);
    expect(report).toBe(
      '\nnamespace "shop" uninjected\nservice "web" skipped\ncronjob "tick" uninjected\npod "one-" uninjected\n' +
        'configmap "c" skipped\ndocument missing "kind" field, skipped\n\n',
    );
    expect(output).not.toContain('linkerd');
  });
});
