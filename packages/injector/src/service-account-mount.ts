import type { PodSpec, VolumeMount } from './workload.ts';

export const SERVICE_ACCOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The first container's mount of its service account, to be given to the injected containers as well. */
export function serviceAccountMount(spec: PodSpec): VolumeMount | undefined {
  const mounts = spec.containers?.[0]?.volumeMounts ?? [];
  const mount = mounts.find(({ mountPath }) => mountPath === SERVICE_ACCOUNT_PATH);
  if (mount === undefined) return undefined;
  const { name, mountPath, readOnly } = mount;
  return { name, mountPath, ...(readOnly === undefined ? {} : { readOnly }) };
}
