import type { MeshTlsAuthentication } from '@weft/kubernetes';
import { type MeshConfig, namespaceIdentity, serviceAccountIdentity } from '../../mesh-config.ts';

/**
 * The identities a MeshTLSAuthentication lists, as names and `*.suffix` patterns. References to kinds other
 * than ServiceAccount and Namespace name nobody.
 */
export function meshTlsIdentities(
  config: MeshConfig,
  { metadata, spec }: MeshTlsAuthentication,
): readonly string[] {
  const referred = spec.identityRefs.flatMap(({ kind, name, namespace }) => {
    switch (kind.toLowerCase()) {
      case 'serviceaccount':
        return [serviceAccountIdentity(config, namespace ?? metadata.namespace, name)];
      case 'namespace':
        return [`*.${namespaceIdentity(config, name)}`];
      default:
        return [];
    }
  });
  return [...spec.identities, ...referred];
}
