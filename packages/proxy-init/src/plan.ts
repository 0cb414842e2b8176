import { type Binaries, binariesOf } from './binaries.ts';
import { OUTPUT_CHAIN, REDIRECT_CHAIN } from './chains.ts';
import { type Existing, NOTHING } from './existing.ts';
import type { Options } from './options.ts';
import { multiportGroups } from './ports.ts';
import { type Family, familyOfCidr } from './subnets.ts';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** What is known of one family's tables before they are changed. */
export interface FamilyState {
  readonly binaries: Binaries;
  readonly existing: Existing;
}

/** Comments by which an operator recognises each rule in a listing. */
function comment(name: string): readonly string[] {
  return ['-m', 'comment', '--comment', `proxy-init/${name}`];
}

function append(chain: string, match: readonly string[], name: string): readonly string[] {
  return ['-A', chain, ...match, ...comment(name)];
}

/** Creates the chain, or empties the one that an earlier run left. */
function fresh(chain: string, exists: boolean): readonly string[] {
  return [exists ? '-F' : '-N', chain];
}

function ignorePorts(chain: string, ports: readonly string[]): readonly (readonly string[])[] {
  return multiportGroups(ports).map((group) =>
    append(
      chain,
      ['-p', 'tcp', '--match', 'multiport', '--dports', group, '-j', 'RETURN'],
      `ignore-port-${group}`,
    ),
  );
}

/** Rules that leave traffic alone come first: the first rule that matches decides. */
function inbound(options: Options, family: Family, existing: Existing): readonly (readonly string[])[] {
  const redirect = ['-j', 'REDIRECT', '--to-port', String(options.incomingProxyPort)];
  const subnets = options.subnetsToIgnore.filter((subnet) => familyOfCidr(subnet) === family);
  return [
    fresh(REDIRECT_CHAIN, existing.redirectChain),
    ...ignorePorts(REDIRECT_CHAIN, options.inboundPortsToIgnore),
    ...subnets.map((subnet) =>
      append(REDIRECT_CHAIN, ['-p', 'all', '-j', 'RETURN', '-s', subnet], `ignore-subnet-${subnet}`),
    ),
    ...(options.portsToRedirect.length === 0
      ? [append(REDIRECT_CHAIN, ['-p', 'tcp', ...redirect], 'redirect-all-incoming-to-proxy-port')]
      : options.portsToRedirect.map((port) =>
          append(
            REDIRECT_CHAIN,
            ['-p', 'tcp', '--destination-port', String(port), ...redirect],
            `redirect-port-${port}-to-proxy-port`,
          ),
        )),
    ...(existing.preroutingJump
      ? []
      : [append('PREROUTING', ['-j', REDIRECT_CHAIN], 'install-proxy-init-prerouting')]),
  ];
}

function outbound(options: Options, existing: Existing): readonly (readonly string[])[] {
  const owner = (kind: 'uid' | 'gid', id: number, name: string) =>
    id > 0
      ? [append(OUTPUT_CHAIN, ['-m', 'owner', `--${kind}-owner`, String(id), '-j', 'RETURN'], name)]
      : [];
  return [
    fresh(OUTPUT_CHAIN, existing.outputChain),
    ...owner('uid', options.proxyUid, 'ignore-proxy-user-id'),
    ...owner('gid', options.proxyGid, 'ignore-proxy-group-id'),
    append(OUTPUT_CHAIN, ['-o', 'lo', '-j', 'RETURN'], 'ignore-loopback'),
    ...ignorePorts(OUTPUT_CHAIN, options.outboundPortsToIgnore),
    append(
      OUTPUT_CHAIN,
      ['-p', 'tcp', '-j', 'REDIRECT', '--to-port', String(options.outgoingProxyPort)],
      'redirect-all-outgoing-to-proxy-port',
    ),
    ...(existing.outputJump ? [] : [append('OUTPUT', ['-j', OUTPUT_CHAIN], 'install-proxy-init-output')]),
  ];
}

/** The commands for one family's `nat` table, to be run in this order up to the first that fails. */
export function planFamily(options: Options, family: Family, state: FamilyState): readonly Command[] {
  const rules = [...inbound(options, family, state.existing), ...outbound(options, state.existing)];
  const wait = options.useWaitFlag ? ['-w'] : [];
  return rules.map((rule): Command => [state.binaries.set, '-t', 'nat', ...rule, ...wait]);
}

export function familiesOf(options: Options): readonly Family[] {
  return options.ipv6 ? ['ipv4', 'ipv6'] : ['ipv4'];
}

/** All commands on tables that nothing has touched yet, IPv4 before IPv6. */
export function planRules(options: Options): readonly Command[] {
  return familiesOf(options).flatMap((family) =>
    planFamily(options, family, { binaries: binariesOf(options.mode, family), existing: NOTHING }),
  );
}
