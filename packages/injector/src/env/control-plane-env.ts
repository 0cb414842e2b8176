import { controlPlane, identityName } from '../control-plane.ts';
import type { EnvVar } from '../env-var.ts';
import { END_ENTITY, IDENTITY_TOKEN } from '../paths.ts';
import { SERVICE_ACCOUNT_PATH } from '../service-account-mount.ts';
import { type Settings, trustDomain } from '../settings.ts';
import { fromField, setting, variable } from './entries.ts';

export function destination(settings: Settings): readonly EnvVar[] {
  return [
    setting('DESTINATION_SVC_ADDR', controlPlane(settings).destination.address),
    setting('DESTINATION_PROFILE_NETWORKS', settings.clusterNetworks),
  ];
}

export function policy(settings: Settings): readonly EnvVar[] {
  const { initialTimeout, idleTimeout, lifetime } = settings.proxy.control.streams;
  return [
    setting('POLICY_SVC_ADDR', controlPlane(settings).policy.address),
    setting('POLICY_WORKLOAD', '{"ns":"$(_pod_ns)", "pod":"$(_pod_name)"}\n'),
    setting('INBOUND_DEFAULT_POLICY', settings.proxy.defaultInboundPolicy),
    setting('POLICY_CLUSTER_NETWORKS', settings.clusterNetworks),
    setting('CONTROL_STREAM_INITIAL_TIMEOUT', initialTimeout),
    setting('CONTROL_STREAM_IDLE_TIMEOUT', idleTimeout),
    setting('CONTROL_STREAM_LIFETIME', lifetime),
  ];
}

export function identity(settings: Settings): readonly EnvVar[] {
  const services = controlPlane(settings);
  const tokenFile = settings.identity.serviceAccountTokenProjection
    ? `${IDENTITY_TOKEN.mountPath}/linkerd-identity-token`
    : `${SERVICE_ACCOUNT_PATH}/token`;
  return [
    setting(
      'DESTINATION_CONTEXT',
      '{"ns":"$(_pod_ns)", "nodeName":"$(_pod_nodeName)", "pod":"$(_pod_name)"}\n',
    ),
    fromField('_pod_sa', 'spec.serviceAccountName'),
    variable('_l5d_ns', settings.linkerdNamespace),
    variable('_l5d_trustdomain', trustDomain(settings)),
    setting('IDENTITY_DIR', END_ENTITY.mountPath),
    setting('IDENTITY_TRUST_ANCHORS', `${settings.identityTrustAnchorsPEM.trim()}\n`),
    setting('IDENTITY_TOKEN_FILE', tokenFile),
    setting('IDENTITY_SVC_ADDR', services.identity.address),
    setting('IDENTITY_LOCAL_NAME', identityName('$(_pod_sa)', '$(_pod_ns)', settings)),
    setting('IDENTITY_SVC_NAME', services.identity.name),
    setting('DESTINATION_SVC_NAME', services.destination.name),
    setting('POLICY_SVC_NAME', services.policy.name),
  ];
}
