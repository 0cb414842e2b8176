import { describe, expect, it, jest } from '@jest/globals';
import { checkSchema } from './render/check-schema.ts';
import { directoryOf, helm, render } from './render/helm.ts';

// Helm and the programs are processes of their own; on a busy machine they take their time.
jest.setTimeout(60_000);

const plain = render('weft-crds');
const withGateway = render('weft-crds', { values: { installGatewayAPI: true } });

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
}

describe('the chart of the definitions', () => {
  it('passes the linter', () => {
    const args = ['lint', directoryOf('weft-crds'), '--kube-version', '1.34.0', '--strict', '--quiet'];
    expect(helm(...args, '--set', 'installGatewayAPI=true')).not.toContain('[ERROR]');
  });

  it('renders objects that the API knows in every field', () => {
    expect(withGateway.flatMap(checkSchema)).toEqual([]);
  });

  it('has the kinds of a stock installation in all versions, one of each stored', () => {
    const versions = Object.fromEntries(
      plain.map(({ metadata, spec }) => [
        metadata.name,
        spec.versions.map(({ name, storage }: Version) => (storage ? `${name}*` : name)).join(' '),
      ]),
    );
    expect(versions).toEqual({
      'servers.policy.linkerd.io': 'v1alpha1 v1beta1 v1beta2 v1beta3*',
      'serverauthorizations.policy.linkerd.io': 'v1alpha1 v1beta1*',
      'authorizationpolicies.policy.linkerd.io': 'v1alpha1*',
      'meshtlsauthentications.policy.linkerd.io': 'v1alpha1*',
      'networkauthentications.policy.linkerd.io': 'v1alpha1*',
      'httproutes.policy.linkerd.io': 'v1alpha1 v1beta1 v1beta2 v1beta3*',
      'httplocalratelimitpolicies.policy.linkerd.io': 'v1alpha1*',
      'egressnetworks.policy.linkerd.io': 'v1alpha1*',
      'serviceprofiles.linkerd.io': 'v1alpha1 v1alpha2*',
      'externalworkloads.workload.linkerd.io': 'v1alpha1 v1beta1*',
    });
  });

  it('has the Gateway API on demand, kind by kind, and leaves it there', () => {
    const names = (values: object) =>
      render('weft-crds', { values })
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.endsWith('gateway.networking.k8s.io'));
    expect(names({})).toEqual([]);
    expect(names({ enableTcpRoutes: true })).toEqual(['tcproutes.gateway.networking.k8s.io']);
    expect(names({ installGatewayAPI: true, enableTcpRoutes: false }).sort()).toEqual([
      'grpcroutes.gateway.networking.k8s.io',
      'httproutes.gateway.networking.k8s.io',
      'tlsroutes.gateway.networking.k8s.io',
    ]);
    for (const { metadata } of withGateway.filter(({ spec }) => spec.group.startsWith('gateway.')))
      expect(metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' });
  });

  it('says of every list and mapping what is in it', () => {
    const vague: string[] = [];
    const walk = (schema: Record<string, unknown>, path: string) => {
      const { type, properties, items, additionalProperties } = schema;
      const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
      if (type === 'array' && items === undefined) vague.push(path);
      if (type === 'object' && properties === undefined && additionalProperties === undefined && !open)
        vague.push(path);
      for (const [name, inner] of Object.entries(properties ?? {})) walk(inner, `${path}.${name}`);
      if (items !== undefined) walk(items as Record<string, unknown>, `${path}[]`);
    };
    for (const { metadata, spec } of withGateway)
      for (const version of spec.versions)
        for (const part of ['spec', 'status'])
          if (version.schema.openAPIV3Schema.properties[part] !== undefined)
            walk(version.schema.openAPIV3Schema.properties[part], `${metadata.name} ${version.name} ${part}`);
    expect(vague).toEqual([]);
  });
});
