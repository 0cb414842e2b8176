import { type JsonObject, listAt, textAt } from '../manifest/json.ts';
import { proxyContainerOf } from './meshed-pod.ts';

const LOCAL_NAME = 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME';

/** The service account a pod runs as. */
function serviceAccountOf(pod: JsonObject): string {
  return textAt(pod, 'spec', 'serviceAccountName') || 'default';
}

/** The identity a pod's proxy was told to have; undefined where it says nothing about one. */
export function proxyIdentityOf(pod: JsonObject): string | undefined {
  const env = listAt(proxyContainerOf(pod), 'env');
  const variableOf = (name: string) =>
    textAt(env.find((one) => textAt(one, 'name') === name) ?? null, 'value');
  const known: Readonly<Record<string, string>> = {
    _pod_sa: serviceAccountOf(pod),
    _pod_ns: textAt(pod, 'metadata', 'namespace'),
    _pod_name: textAt(pod, 'metadata', 'name'),
  };
  const name = variableOf(LOCAL_NAME).replaceAll(
    /\$\(([^)]+)\)/g,
    (_, variable: string) => known[variable] ?? variableOf(variable),
  );
  return name === '' ? undefined : name;
}
