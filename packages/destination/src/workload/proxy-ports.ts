import { allContainers, type Pod } from '@weft/kubernetes';

const PROXY_CONTAINER = 'linkerd-proxy';

/** Where the proxy of a pod listens. */
export interface ProxyPorts {
  readonly inbound: number;
  readonly admin: number;
  readonly control: number;
}

export type ProxyPortsResult =
  | { readonly type: 'ports'; readonly ports: ProxyPorts }
  | { readonly type: 'unreadable'; readonly reason: string };

const variables = {
  inbound: 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR',
  admin: 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR',
  control: 'LINKERD2_PROXY_CONTROL_LISTEN_ADDR',
} as const;

function portOf(address: string | undefined): number | undefined {
  const port = Number(/:(\d{1,5})$/.exec(address ?? '')?.[1]);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Reads the listen addresses from the environment that the injector wrote into the proxy's container. */
export function readProxyPorts(pod: Pod): ProxyPortsResult {
  const proxy = allContainers(pod).find(({ name }) => name === PROXY_CONTAINER);
  if (proxy === undefined) return { type: 'unreadable', reason: `no container ${PROXY_CONTAINER}` };
  const read = (variable: string) => portOf(proxy.env.find(({ name }) => name === variable)?.value);
  const [inbound, admin, control] = [read(variables.inbound), read(variables.admin), read(variables.control)];
  if (inbound !== undefined && admin !== undefined && control !== undefined)
    return { type: 'ports', ports: { inbound, admin, control } };
  const missing = inbound === undefined ? 'inbound' : admin === undefined ? 'admin' : 'control';
  return {
    type: 'unreadable',
    reason: `container ${PROXY_CONTAINER} has no usable ${variables[missing]} (ip:port)`,
  };
}
