import { describe, expect, it } from '@jest/globals';
import { defaultMeta, plainEndpoint } from '@weft/policy';
import { renderLabels } from '../metrics/labels.ts';
import { ORDERS } from '../tls/mesh-tls.builder.ts';
import { meshedEndpoint } from './backends.builder.ts';
import { backendLabels, endpointLabels, parentLabels, routeLabels } from './labels.ts';

const address = 'target_addr="10.0.0.1:8080",target_ip="10.0.0.1",target_port="8080"';
const service = { group: 'core', kind: 'Service', namespace: 'shop', name: 'orders', section: '', port: 80 };

describe('outbound labels', () => {
  it('of a balanced endpoint of the mesh name the service, and what discovery says', () => {
    const labels = new Map([
      ['dst_namespace', 'shop'],
      ['dst_pod', 'orders-0'],
    ]);
    const endpoint = meshedEndpoint('10.0.0.1', 8080, { labels });
    expect(renderLabels(endpointLabels(endpoint, 'orders.shop.svc.cluster.local', false))).toBe(
      `authority="orders.shop.svc.cluster.local",${address},tls="true",server_id="${ORDERS}",` +
        'dst_namespace="shop",dst_pod="orders-0"',
    );
  });

  it('of a forward name no service', () => {
    expect(renderLabels(endpointLabels(plainEndpoint('10.0.0.1', 8080), null, false))).toBe(
      `${address},tls="no_identity",no_tls_reason="not_provided_by_service_discovery"`,
    );
  });

  it('of the pod itself say why there is no TLS', () => {
    expect(renderLabels(endpointLabels(meshedEndpoint('10.0.0.1', 8080), null, true))).toBe(
      `${address},tls="no_identity",no_tls_reason="loopback"`,
    );
  });

  it('of parent, route and backend', () => {
    expect(renderLabels(parentLabels(service))).toBe(
      'parent_group="core",parent_kind="Service",parent_namespace="shop",parent_name="orders",' +
        'parent_port="80",parent_section_name=""',
    );
    expect(renderLabels(routeLabels({ ...service, group: 'policy.linkerd.io', kind: 'HTTPRoute' }))).toBe(
      'route_group="policy.linkerd.io",route_kind="HTTPRoute",route_namespace="shop",route_name="orders"',
    );
    expect(renderLabels(backendLabels(defaultMeta('fallback')))).toBe(
      'backend_group="",backend_kind="default",backend_namespace="",backend_name="fallback",' +
        'backend_port="",backend_section_name=""',
    );
  });
});
