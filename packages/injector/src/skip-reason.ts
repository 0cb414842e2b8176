export type SkipCode =
  | 'host_network_enabled'
  | 'sidecar_already_exists'
  | 'unsupported_resource'
  | 'invalid_inject_annotation_at_ns'
  | 'invalid_inject_annotation_at_workload'
  | 'injection_disable_annotation_present'
  | 'injection_enable_annotation_absent'
  | 'disabled_automount_service_account_token_account';

/** Why a workload stays as it is: a code for metrics and a text for people. */
export interface SkipReason {
  readonly code: SkipCode;
  readonly text: string;
}

export const UNSUPPORTED_RESOURCE: SkipReason = {
  code: 'unsupported_resource',
  text: 'this resource kind is unsupported',
};
