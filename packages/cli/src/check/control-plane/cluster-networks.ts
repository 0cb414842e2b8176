import { BlockList, isIPv6 } from 'node:net';
import { memberAt, textAt } from '../../manifest/json.ts';
import { isFinished, podName } from '../../mesh/meshed-pod.ts';
import { type Check, type CheckContext, noneOf } from '../engine/check.ts';
import { installedText, paths } from '../objects.ts';

/** The networks a value lists, by commas. */
function networksIn(list: string): BlockList {
  const networks = new BlockList();
  for (const item of list.split(',').map((one) => one.trim())) {
    const [address = '', bits = ''] = item.split('/');
    if (address !== '') networks.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return networks;
}

function clusterNetworks(
  what: string,
  anchor: string,
  addresses: (context: CheckContext) => Promise<readonly (readonly [owner: string, address: string])[]>,
): Check {
  return {
    description: `cluster networks contains all ${what}`,
    anchor,
    severity: 'error',
    remedy: 'name them in the value clusterNetworks: proxies ask for destinations inside of it alone',
    run: async (context) => {
      const list = await installedText(context, ['clusterNetworks'], '');
      const networks = networksIn(list);
      const outside = (await addresses(context)).filter(
        ([, address]) => !networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'),
      );
      return noneOf(outside.map(([owner, address]) => `${address} of ${owner} is not in ${list}`));
    },
  };
}

export const nodeNetworks = clusterNetworks('node podCIDRs', 'l5d-cluster-networks-cidr', async ({ state }) =>
  (await state.list(paths.nodes)).flatMap((node) => {
    const [address = ''] = textAt(node, 'spec', 'podCIDR').split('/');
    return address === '' ? [] : [[`node ${textAt(node, 'metadata', 'name')}`, address] as const];
  }),
);

export const podNetworks = clusterNetworks('pods', 'l5d-cluster-networks-pods', async ({ state }) =>
  (await state.list(paths.pods)).flatMap((pod) => {
    const address = textAt(pod, 'status', 'podIP');
    const isOwn = address !== '' && memberAt(pod, 'spec', 'hostNetwork') !== true && !isFinished(pod);
    return isOwn ? [[`pod ${podName(pod)}`, address] as const] : [];
  }),
);

export const serviceNetworks = clusterNetworks('services', 'l5d-cluster-networks-pods', async ({ state }) =>
  (await state.list(paths.services)).flatMap((service) => {
    const address = textAt(service, 'spec', 'clusterIP');
    return address === '' || address === 'None' ? [] : [[`service ${podName(service)}`, address] as const];
  }),
);
