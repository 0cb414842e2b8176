import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ProxyInitError } from './errors.ts';
import type { Invocation } from './invocation.ts';
import { parseLevel } from './log.ts';
import { defaultOptions, type Mode } from './options.ts';
import { isPort } from './ports.ts';
import { familyOfCidr } from './subnets.ts';

const MODES: Readonly<Record<string, Mode>> = { legacy: 'legacy', nft: 'nft', plain: 'plain' };
const MODE_OF_BINARY: Readonly<Record<string, Mode>> = {
  '': 'legacy',
  'iptables-legacy': 'legacy',
  'iptables-nft': 'nft',
  iptables: 'plain',
};

function integer(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be an integer.');
  return Number(text);
}

function boolean(text: string | boolean): boolean {
  if (text === true || text === 'true') return true;
  if (text === 'false') return false;
  throw new InvalidArgumentError('It must be true or false.');
}

function list(text: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, ...text.split(',').filter((item) => item !== '')];
}

function ports(text: string, earlier: readonly number[]): readonly number[] {
  return [
    ...earlier,
    ...list(text, []).map((item) => {
      const port = /^\d{1,5}$/.test(item) ? Number(item) : -1;
      if (!isPort(port)) throw new InvalidArgumentError(`"${item}" is not a port.`);
      return port;
    }),
  ];
}

interface Flags {
  incomingProxyPort: number;
  outgoingProxyPort: number;
  proxyUid: number;
  proxyGid: number;
  portsToRedirect: readonly number[];
  inboundPortsToIgnore: readonly string[];
  outboundPortsToIgnore: readonly string[];
  subnetsToIgnore: readonly string[];
  simulate: boolean;
  netns: string;
  useWaitFlag: boolean;
  timeoutCloseWaitSecs: number;
  logFormat: string;
  logLevel: string;
  iptablesMode: string;
  firewallBinPath: string;
  ipv6: boolean;
}

const NONE: readonly string[] = [];

/** The flags of Linkerd's proxy-init. */
export function commandLine(): Command {
  return new Command('weft-proxy-init')
    .description("Brings a pod's TCP traffic to its proxy by rules in the kernel's nat tables")
    .option('-p, --incoming-proxy-port <port>', 'port to redirect inbound traffic to', integer, -1)
    .option('-o, --outgoing-proxy-port <port>', 'port to redirect outbound traffic to', integer, -1)
    .option('-u, --proxy-uid <uid>', 'user whose outbound traffic is left alone', integer, -1)
    .option('-g, --proxy-gid <gid>', 'group whose outbound traffic is left alone', integer, -1)
    .option('-r, --ports-to-redirect <ports>', 'redirect only these inbound ports', ports, [])
    .option('--inbound-ports-to-ignore <ports>', 'inbound ports and ranges to leave alone', list, NONE)
    .option('--outbound-ports-to-ignore <ports>', 'outbound ports and ranges to leave alone', list, NONE)
    .option('--subnets-to-ignore <cidrs>', 'subnets whose inbound traffic is left alone', list, NONE)
    .option('--simulate [on]', 'say what would be run without running it', boolean, false)
    .option('--netns <path>', 'network namespace to work in', '')
    .option('-w, --use-wait-flag [on]', 'wait for the lock of the tables', boolean, false)
    .option('--timeout-close-wait-secs <seconds>', 'how long half-closed connections are tracked', integer, 0)
    .option('--log-format <format>', 'plain or json', 'plain')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or panic', 'info')
    .option('--iptables-mode <mode>', 'legacy, nft or plain', '')
    .option('--firewall-bin-path <program>', 'iptables-legacy, iptables-nft or iptables', '')
    .option('--firewall-save-bin-path <program>', 'accepted and ignored: it follows the mode', '')
    .option('--ipv6 [on]', 'set the rules for IPv6 as well', boolean, true)
    .allowExcessArguments(false);
}

function invalid(flag: string, value: string | number, mustBe: string): ProxyInitError {
  return new ProxyInitError('invalid_option', `--${flag} is ${JSON.stringify(value)}; it must be ${mustBe}`);
}

function modeOf({ iptablesMode, firewallBinPath }: Flags): Mode {
  if (iptablesMode !== '') {
    if (Object.hasOwn(MODES, iptablesMode)) return MODES[iptablesMode]!;
    throw invalid('iptables-mode', iptablesMode, 'legacy, nft or plain');
  }
  if (Object.hasOwn(MODE_OF_BINARY, firewallBinPath)) return MODE_OF_BINARY[firewallBinPath]!;
  throw invalid('firewall-bin-path', firewallBinPath, 'iptables-legacy, iptables-nft or iptables');
}

/**
 * Reads the arguments of a `linkerd-init` container.
 * @throws ProxyInitError `invalid_option` that names the flag and its value; CommanderError for `--help`.
 */
export function parseArguments(argv: readonly string[]): Invocation {
  const command = commandLine()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || error.exitCode === 0) throw error;
    throw new ProxyInitError('invalid_option', error.message.replace(/^error: /, ''), { cause: error });
  }
  return invocationOf(command.opts<Flags>());
}

function invocationOf(flags: Flags): Invocation {
  const subnetsToIgnore = flags.subnetsToIgnore.map((subnet) => subnet.trim());
  for (const subnet of subnetsToIgnore) {
    if (familyOfCidr(subnet) === undefined) {
      throw invalid('subnets-to-ignore', subnet, 'a list of CIDRs such as 10.0.0.0/8');
    }
  }
  if (!isPort(flags.incomingProxyPort)) {
    throw invalid('incoming-proxy-port', flags.incomingProxyPort, 'a port (0 to 65535)');
  }
  if (!isPort(flags.outgoingProxyPort)) {
    throw invalid('outgoing-proxy-port', flags.outgoingProxyPort, 'a port (0 to 65535)');
  }
  if (flags.timeoutCloseWaitSecs < 0) {
    throw invalid('timeout-close-wait-secs', flags.timeoutCloseWaitSecs, 'a number of seconds, 0 or more');
  }
  const logLevel = parseLevel(flags.logLevel);
  if (logLevel === undefined) throw invalid('log-level', flags.logLevel, 'trace, debug, info, warn or error');
  const { incomingProxyPort, outgoingProxyPort, proxyUid, proxyGid, portsToRedirect } = flags;
  const { inboundPortsToIgnore, outboundPortsToIgnore, ipv6, useWaitFlag, simulate, netns } = flags;
  return {
    options: {
      ...defaultOptions,
      ...{ incomingProxyPort, outgoingProxyPort, proxyUid, proxyGid, portsToRedirect },
      ...{ inboundPortsToIgnore, outboundPortsToIgnore, subnetsToIgnore, ipv6, useWaitFlag },
      mode: modeOf(flags),
    },
    simulate,
    netns,
    closeWaitSeconds: flags.timeoutCloseWaitSecs,
    logFormat: flags.logFormat === 'json' ? 'json' : 'plain',
    logLevel,
  };
}
