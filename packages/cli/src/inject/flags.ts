import { type Command, Option } from 'commander';
import { parseDuration } from '../duration.ts';
import { parseCount, parsePortRanges } from '../options/parsers.ts';
import { addSwitch } from '../options/switch.ts';
import { commonFlags } from '../proxy-flags/common-flags.ts';
import { type ProxyFlag, proxyFlag } from '../proxy-flags/proxy-flag.ts';
import { registryOption } from '../proxy-flags/registry.ts';

/** Options that become annotations of workloads where they differ from what the cluster does anyway. */
export const annotationFlags: readonly ProxyFlag[] = [
  ...commonFlags,
  proxyFlag(
    '--require-identity-on-inbound-ports <ports>',
    'ports and ranges on which every client must prove its identity',
    'proxy.requireIdentityOnInboundPorts',
    'proxy-require-identity-inbound-ports',
    { parse: parsePortRanges },
  ),
  proxyFlag(
    '--opaque-ports <ports>',
    'ports, ranges and names of ports whose traffic is passed on unread; also for Services',
    'proxy.opaquePorts',
    'opaque-ports',
  ),
  proxyFlag(
    '--wait-before-exit-seconds <n>',
    'how long a proxy that is no native sidecar goes on after its pod was told to end',
    'proxy.waitBeforeExitSeconds',
    'config.alpha.linkerd.io/proxy-wait-before-exit-seconds',
    { parse: parseCount },
  ),
];

/** The same for switches. */
export const annotationSwitches: readonly ProxyFlag[] = [
  proxyFlag(
    '--enable-external-profiles',
    'ask for service profiles of names outside the cluster',
    'proxy.enableExternalProfiles',
    'enable-external-profiles',
  ),
  proxyFlag(
    '--native-sidecar',
    'run the proxy as a native sidecar',
    'proxy.nativeSidecar',
    'proxy-enable-native-sidecar',
  ),
];

/** Options of `inject` that are no values of the chart. */
export interface InjectFlags {
  readonly output: string;
  readonly manual?: boolean;
  readonly ignoreCluster?: boolean;
  readonly enableDebugSidecar?: boolean;
  readonly ingress?: boolean;
  /** In ms. */
  readonly closeWaitTimeout?: number;
  readonly registry?: string;
  readonly identityTrustAnchorsFile?: string;
  readonly disableIdentity?: boolean;
}

export function addInjectFlags(command: Command): Command {
  command.option('-o, --output <format>', 'yaml or json', 'yaml');
  addSwitch(command, 'manual', 'add the containers themselves, for clusters without the injector');
  addSwitch(
    command,
    'ignore-cluster',
    'compare with the defaults instead of what the cluster is configured for',
  );
  addSwitch(command, 'enable-debug-sidecar', 'add a container with network tools');
  addSwitch(command, 'ingress', 'run the proxy in ingress mode: it routes by the l5d-dst-override header');
  command.option(
    '--close-wait-timeout <duration>',
    'how long the kernel keeps half-closed connections, such as 1h',
    parseDuration,
  );
  for (const { option } of annotationFlags) command.addOption(option);
  for (const { option } of annotationSwitches) addSwitch(command, option.name(), option.description);
  return command
    .addOption(registryOption())
    .option(
      '--identity-trust-anchors-file <path>',
      'PEM file of the trust anchors, for --manual with --ignore-cluster',
    )
    .addOption(new Option('--disable-identity').hideHelp());
}
