import { describe, expect, it } from '@jest/globals';
import { options } from './options.builder.ts';
import { planFamily, planRules } from './plan.ts';

const lines = (commands: readonly (readonly string[])[]) => commands.map((command) => command.join(' '));
const comment = (name: string) => `-m comment --comment proxy-init/${name}`;

describe('the rules of an injected pod', () => {
  it('are these, in this order', () => {
    const plan = planRules(
      options({
        proxyGid: 2103,
        inboundPortsToIgnore: ['4190', '4191', '4567-4568'],
        outboundPortsToIgnore: ['4567', '4568'],
        subnetsToIgnore: ['10.1.0.0/16', '192.168.0.0/24'],
      }),
    );
    expect(lines(plan)).toEqual([
      'iptables-nft -t nat -N PROXY_INIT_REDIRECT',
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p tcp --match multiport --dports 4190,4191,4567:4568 -j RETURN ${comment('ignore-port-4190,4191,4567:4568')}`,
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p all -j RETURN -s 10.1.0.0/16 ${comment('ignore-subnet-10.1.0.0/16')}`,
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p all -j RETURN -s 192.168.0.0/24 ${comment('ignore-subnet-192.168.0.0/24')}`,
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p tcp -j REDIRECT --to-port 4143 ${comment('redirect-all-incoming-to-proxy-port')}`,
      `iptables-nft -t nat -A PREROUTING -j PROXY_INIT_REDIRECT ${comment('install-proxy-init-prerouting')}`,
      'iptables-nft -t nat -N PROXY_INIT_OUTPUT',
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -m owner --uid-owner 2102 -j RETURN ${comment('ignore-proxy-user-id')}`,
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -m owner --gid-owner 2103 -j RETURN ${comment('ignore-proxy-group-id')}`,
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -o lo -j RETURN ${comment('ignore-loopback')}`,
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -p tcp --match multiport --dports 4567,4568 -j RETURN ${comment('ignore-port-4567,4568')}`,
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -p tcp -j REDIRECT --to-port 4140 ${comment('redirect-all-outgoing-to-proxy-port')}`,
      `iptables-nft -t nat -A OUTPUT -j PROXY_INIT_OUTPUT ${comment('install-proxy-init-output')}`,
    ]);
  });

  it('exempt no user and no group whose id is not above 0', () => {
    const plan = lines(planRules(options({ proxyUid: 0, proxyGid: -1 })));
    expect(plan.filter((line) => line.includes('owner'))).toEqual([]);
  });

  it('redirect chosen inbound ports only, one rule each', () => {
    const plan = lines(planRules(options({ portsToRedirect: [80, 443] })));
    expect(plan.filter((line) => line.includes('PROXY_INIT_REDIRECT -p tcp'))).toEqual([
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p tcp --destination-port 80 -j REDIRECT --to-port 4143 ${comment('redirect-port-80-to-proxy-port')}`,
      `iptables-nft -t nat -A PROXY_INIT_REDIRECT -p tcp --destination-port 443 -j REDIRECT --to-port 4143 ${comment('redirect-port-443-to-proxy-port')}`,
    ]);
  });

  it('split long port lists over several rules, each named for its ports', () => {
    const ports = Array.from({ length: 16 }, (_, index) => String(index + 1));
    const plan = lines(planRules(options({ outboundPortsToIgnore: ports })));
    const rules = plan.filter((line) => line.includes('ignore-port'));
    expect(rules).toHaveLength(2);
    expect(rules[1]).toBe(
      `iptables-nft -t nat -A PROXY_INIT_OUTPUT -p tcp --match multiport --dports 16 -j RETURN ${comment('ignore-port-16')}`,
    );
  });

  it('have no port rule where every item of a list is bad', () => {
    const plan = lines(
      planRules(options({ inboundPortsToIgnore: ['http'], outboundPortsToIgnore: ['x', ' 25'] })),
    );
    expect(plan.filter((line) => line.includes('multiport'))).toEqual([]);
  });
});

describe('the rules of both families', () => {
  it('are set for IPv4 first, with the same options', () => {
    const plan = lines(planRules(options({ ipv6: true })));
    const half = plan.length / 2;
    expect(plan.slice(half)).toEqual(
      plan.slice(0, half).map((line) => line.replace(/^iptables/, 'ip6tables')),
    );
  });

  it('name a subnet in the tables of its own family only', () => {
    const plan = lines(planRules(options({ ipv6: true, subnetsToIgnore: ['10.0.0.0/8', 'fd00::/8'] })));
    expect(plan.filter((line) => line.includes(' -s ')).map((line) => line.split(' ')[0])).toEqual([
      'iptables-nft',
      'ip6tables-nft',
    ]);
    expect(plan.find((line) => line.startsWith('ip6tables') && line.includes(' -s '))).toContain(
      '-s fd00::/8',
    );
  });
});

describe('the wait flag', () => {
  it('is the last argument of every command', () => {
    const plan = planRules(options({ useWaitFlag: true }));
    expect(plan.every((command) => command.at(-1) === '-w')).toBe(true);
    expect(planRules(options()).some((command) => command.includes('-w'))).toBe(false);
  });
});

describe('running again', () => {
  const binaries = { set: 'iptables', save: 'iptables-save' };
  const plan = (existing: Partial<Parameters<typeof planFamily>[2]['existing']>) =>
    lines(
      planFamily(options(), 'ipv4', {
        binaries,
        existing: {
          redirectChain: false,
          outputChain: false,
          preroutingJump: false,
          outputJump: false,
          ...existing,
        },
      }),
    );

  it('empties the chains that are there and jumps to them once', () => {
    const again = plan({ redirectChain: true, outputChain: true, preroutingJump: true, outputJump: true });
    expect(again[0]).toBe('iptables -t nat -F PROXY_INIT_REDIRECT');
    expect(again).toContain('iptables -t nat -F PROXY_INIT_OUTPUT');
    expect(again.filter((line) => line.includes('install-proxy-init'))).toEqual([]);
  });

  it('looks at each of the four on its own', () => {
    const half = plan({ redirectChain: true, outputJump: true });
    expect(half).toContain('iptables -t nat -F PROXY_INIT_REDIRECT');
    expect(half).toContain('iptables -t nat -N PROXY_INIT_OUTPUT');
    expect(half.filter((line) => line.includes('install-proxy-init'))).toHaveLength(1);
  });
});
