import { type Server, type ServerAuthorization, selects } from '@weft/kubernetes';
import { type MeshConfig, serviceAccountIdentity } from '../../mesh-config.ts';
import {
  type AuthnInit,
  type AuthzInit,
  anyClient,
  anyTlsClient,
  authorization,
  identityList,
  meshClients,
  networks,
  policyNetworks,
} from './authz.ts';

/** Whether a ServerAuthorization is for a Server of its namespace, by name or by label. */
export function authorizesServer({ metadata, spec }: ServerAuthorization, server: Server): boolean {
  if (metadata.namespace !== server.metadata.namespace) return false;
  const { name, selector } = spec.server;
  return name === undefined ? selects(selector, server.metadata.labels) : name === server.metadata.name;
}

function authentication(config: MeshConfig, { metadata, spec }: ServerAuthorization): AuthnInit | undefined {
  const { unauthenticated, meshTLS } = spec.client;
  if (unauthenticated) return anyClient;
  if (meshTLS === undefined) return undefined;
  if (meshTLS.unauthenticatedTLS) return anyTlsClient;
  const accounts = meshTLS.serviceAccounts.map(({ name, namespace }) =>
    serviceAccountIdentity(config, namespace ?? metadata.namespace, name),
  );
  const names = [...meshTLS.identities, ...accounts];
  return names.length === 0 ? undefined : meshClients(identityList(names));
}

/** A ServerAuthorization as an authorization; undefined when it names no client. */
export function serverAuthorization(config: MeshConfig, object: ServerAuthorization): AuthzInit | undefined {
  const permit = authentication(config, object);
  if (permit === undefined) return undefined;
  const written = object.spec.client.networks;
  const from = written.length === 0 ? networks(config.clusterNetworks) : policyNetworks(written);
  if (from.length === 0) return undefined;
  return authorization(
    { type: 'resource', kind: 'serverauthorization', name: object.metadata.name },
    from,
    permit,
  );
}
