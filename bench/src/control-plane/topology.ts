/** What control plane, proxies and load agree on. */
export const SERVICE = {
  name: 'app',
  authority: 'app.bench.svc.cluster.local',
  address: '10.96.0.10',
};
export const IDENTITIES = {
  client: 'client.bench.serviceaccount.identity.linkerd.cluster.local',
  server: 'server.bench.serviceaccount.identity.linkerd.cluster.local',
};
export const CONTROL_PLANE_PORT = 18_086;
export const PROXY_INBOUND_PORT = 4143;
