/** Volumes that injection adds, and where the proxy finds them. */
export const END_ENTITY = {
  name: 'linkerd-identity-end-entity',
  mountPath: '/var/run/linkerd/identity/end-entity',
};
export const PODINFO = { name: 'linkerd-podinfo', mountPath: '/var/run/linkerd/podinfo' };
export const IDENTITY_TOKEN = { name: 'linkerd-identity-token', mountPath: '/var/run/secrets/tokens' };
