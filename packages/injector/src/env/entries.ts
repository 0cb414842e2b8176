import type { EnvVar } from '../env-var.ts';

export function variable(name: string, value: string | number | boolean): EnvVar {
  return { name, value: String(value) };
}

/** A variable of the proxy, named without its common prefix. */
export function setting(name: string, value: string | number | boolean): EnvVar {
  return variable(`LINKERD2_PROXY_${name}`, value);
}

/** The same, left out where there is nothing to set. */
export function optional(name: string, value: string | number | undefined): readonly EnvVar[] {
  return value === undefined || value === '' ? [] : [setting(name, value)];
}

export function when(condition: boolean, ...entries: readonly EnvVar[]): readonly EnvVar[] {
  return condition ? entries : [];
}

/** A field of the pod, resolved by the kubelet. */
export function fromField(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
