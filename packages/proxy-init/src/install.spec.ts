import { describe, expect, it } from '@jest/globals';
import { install, type System } from './install.ts';
import type { Invocation } from './invocation.ts';
import { options } from './options.builder.ts';

function invocation(overrides: Partial<Invocation> = {}): Invocation {
  const base = { simulate: false, netns: '', closeWaitSeconds: 0 };
  return { options: options(), ...base, logFormat: 'plain', logLevel: 'info', ...overrides };
}

function recorder(answer: (line: string) => string = () => '') {
  const commands: string[] = [];
  const logged: string[] = [];
  const system: System = {
    execute: async (command) => {
      commands.push(command.join(' '));
      return answer(command.join(' '));
    },
    isInstalled: () => true,
    log: (level, message) => void logged.push(`${level} ${message}`),
  };
  return { commands, logged, system };
}

describe('an installation', () => {
  it('looks at the tables, changes them and lists them, family by family', async () => {
    const { commands, system } = recorder();
    await install(invocation({ options: options({ ipv6: true }) }), system);
    const saves = commands.flatMap((line, index) =>
      line.endsWith('-save -t nat') ? [`${index} ${line}`] : [],
    );
    const half = commands.length / 2;
    expect(saves).toEqual([
      '0 iptables-nft-save -t nat',
      `${half - 1} iptables-nft-save -t nat`,
      `${half} ip6tables-nft-save -t nat`,
      `${commands.length - 1} ip6tables-nft-save -t nat`,
    ]);
  });

  it('goes by what the first listing shows', async () => {
    const { commands, system } = recorder((line) =>
      line.includes('save') ? ':PROXY_INIT_OUTPUT - [0:0]\n' : '',
    );
    await install(invocation(), system);
    expect(commands).toContain('iptables-nft -t nat -F PROXY_INIT_OUTPUT');
    expect(commands).toContain('iptables-nft -t nat -N PROXY_INIT_REDIRECT');
  });

  it('stops at the first command that fails', async () => {
    const { commands, system } = recorder((line) => {
      if (line.includes('-A PREROUTING')) throw new Error('kernel says no');
      return '';
    });
    await expect(install(invocation(), system)).rejects.toThrow('kernel says no');
    expect(commands.at(-1)).toContain('-A PREROUTING');
  });

  it('stops when the tables cannot be listed at all', async () => {
    const { commands, system } = recorder(() => {
      throw new Error('no tables');
    });
    await expect(install(invocation(), system)).rejects.toThrow('no tables');
    expect(commands).toHaveLength(1);
  });

  it('does not mind a failure of the last listing', async () => {
    let saves = 0;
    const { logged, system } = recorder((line) => {
      if (line.includes('save') && ++saves === 2) throw new Error('gone');
      return '';
    });
    await install(invocation(), system);
    expect(logged.some((line) => line.startsWith('warn') && line.includes('gone'))).toBe(true);
  });

  it('only says what it would do when simulating, the connection timeout aside', async () => {
    const { commands, logged, system } = recorder();
    await install(invocation({ simulate: true, closeWaitSeconds: 60 }), system);
    expect(commands).toEqual(['sysctl -w net.netfilter.nf_conntrack_tcp_timeout_close_wait=60']);
    expect(logged).toContain('info iptables-nft -t nat -N PROXY_INIT_REDIRECT');
  });

  it('sets the connection timeout first and gives up when that fails', async () => {
    const { commands, system } = recorder((line) => {
      if (line.startsWith('sysctl')) throw new Error('read-only');
      return '';
    });
    await expect(install(invocation({ closeWaitSeconds: 5 }), system)).rejects.toThrow('read-only');
    expect(commands).toHaveLength(1);
  });

  it('runs everything in the network namespace it was given', async () => {
    const { commands, system } = recorder();
    await install(invocation({ netns: 'pod-a', closeWaitSeconds: 5 }), system);
    expect(commands.every((line) => line.startsWith('nsenter --net=/run/netns/pod-a -- '))).toBe(true);
    const byPath = recorder();
    await install(invocation({ netns: '/proc/7/ns/net' }), byPath.system);
    expect(byPath.commands[0]).toBe('nsenter --net=/proc/7/ns/net -- iptables-nft-save -t nat');
  });

  it('reports each port that it leaves out', async () => {
    const { logged, system } = recorder();
    await install(invocation({ options: options({ inboundPortsToIgnore: ['1', ' 2', 'x'] }) }), system);
    expect(logged.filter((line) => line.startsWith('error'))).toEqual([
      'error " 2" is neither a port nor a range of ports; it is left out',
      'error "x" is neither a port nor a range of ports; it is left out',
    ]);
  });

  it('says so when it takes other programs than asked for', async () => {
    const { commands, logged, system } = recorder();
    const isInstalled = (program: string) => !program.includes('-nft');
    await install(invocation(), { ...system, isInstalled });
    expect(commands[0]).toBe('iptables-save -t nat');
    expect(logged[0]).toBe('warn iptables-nft is not installed; using iptables');
  });
});
