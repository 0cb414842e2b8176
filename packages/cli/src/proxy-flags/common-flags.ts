import {
  inboundPolicies,
  parseGroupId,
  parsePort,
  parsePortRanges,
  parseQuantity,
  parseUserId,
  pullPolicies,
} from '../options/parsers.ts';
import { type ProxyFlag, proxyFlag } from './proxy-flag.ts';

const port = { parse: parsePort };
const ranges = { parse: parsePortRanges };
const quantity = { parse: parseQuantity };
const old = { hidden: true } as const;

/** Options of the proxy that `install`, `upgrade` and `inject` share. */
export const commonFlags: readonly ProxyFlag[] = [
  proxyFlag('--proxy-image <name>', 'image of the proxy, without its tag', 'proxy.image.name', 'proxy-image'),
  proxyFlag(
    '-v, --proxy-version <tag>',
    'tag of the proxy image',
    'proxy.image.version',
    'proxy-version',
    old,
  ),
  proxyFlag(
    '--image-pull-policy <policy>',
    'when images are pulled',
    'proxy.image.pullPolicy',
    'image-pull-policy',
    { choices: pullPolicies },
  ),
  proxyFlag(
    '--inbound-port <port>',
    'proxy port for inbound traffic',
    'proxy.ports.inbound',
    'inbound-port',
    port,
  ),
  proxyFlag(
    '--outbound-port <port>',
    'proxy port for outbound traffic',
    'proxy.ports.outbound',
    'outbound-port',
    port,
  ),
  proxyFlag('--control-port <port>', 'proxy port for tap', 'proxy.ports.control', 'control-port', port),
  proxyFlag(
    '--admin-port <port>',
    'proxy port for metrics and health',
    'proxy.ports.admin',
    'admin-port',
    port,
  ),
  proxyFlag(
    '--skip-inbound-ports <ports>',
    'ports and ranges of inbound traffic that passes by the proxy',
    'proxyInit.ignoreInboundPorts',
    'skip-inbound-ports',
    ranges,
  ),
  proxyFlag(
    '--skip-outbound-ports <ports>',
    'ports and ranges of outbound traffic that passes by the proxy',
    'proxyInit.ignoreOutboundPorts',
    'skip-outbound-ports',
    ranges,
  ),
  proxyFlag('--proxy-uid <id>', 'user the proxy runs as', 'proxy.uid', 'proxy-uid', { parse: parseUserId }),
  proxyFlag('--proxy-gid <id>', 'group the proxy runs as', 'proxy.gid', 'proxy-gid', { parse: parseGroupId }),
  proxyFlag('--proxy-log-level <filter>', 'log level of the proxy', 'proxy.logLevel', 'proxy-log-level'),
  proxyFlag(
    '--proxy-cpu <quantity>',
    'the same as --proxy-cpu-request',
    'proxy.resources.cpu.request',
    'proxy-cpu-request',
    { ...quantity, ...old },
  ),
  proxyFlag(
    '--proxy-memory <quantity>',
    'the same as --proxy-memory-request',
    'proxy.resources.memory.request',
    'proxy-memory-request',
    { ...quantity, ...old },
  ),
  ...(['cpu', 'memory'] as const).flatMap((resource) =>
    (['request', 'limit'] as const).map((bound) =>
      proxyFlag(
        `--proxy-${resource}-${bound} <quantity>`,
        `${resource} ${bound} of the proxy`,
        `proxy.resources.${resource}.${bound}`,
        `proxy-${resource}-${bound}`,
        quantity,
      ),
    ),
  ),
  proxyFlag(
    '--default-inbound-policy <policy>',
    'who may connect where no policy says so',
    'proxy.defaultInboundPolicy',
    'default-inbound-policy',
    { choices: inboundPolicies },
  ),
];
