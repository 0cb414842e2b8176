import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { run } from '../src/run.ts';

const ROOT = process.getuid?.() === 0;
const NAMESPACE = `weft-init-${process.pid}`;
const ARGUMENTS = [
  ...['--incoming-proxy-port', '4143', '--outgoing-proxy-port', '4140', '--proxy-uid', '2102'],
  ...['--inbound-ports-to-ignore', '4190,4191,4567-4568', '--outbound-ports-to-ignore', '25'],
  ...['--subnets-to-ignore', '10.9.0.0/16,fd09::/16', '--log-level', 'error'],
];

const RULES = [
  '-A PREROUTING -m comment --comment "proxy-init/install-proxy-init-prerouting" -j PROXY_INIT_REDIRECT',
  '-A OUTPUT -m comment --comment "proxy-init/install-proxy-init-output" -j PROXY_INIT_OUTPUT',
  '-A PROXY_INIT_OUTPUT -m owner --uid-owner 2102 -m comment --comment "proxy-init/ignore-proxy-user-id" -j RETURN',
  '-A PROXY_INIT_OUTPUT -o lo -m comment --comment "proxy-init/ignore-loopback" -j RETURN',
  '-A PROXY_INIT_OUTPUT -p tcp -m multiport --dports 25 -m comment --comment "proxy-init/ignore-port-25" -j RETURN',
  '-A PROXY_INIT_OUTPUT -p tcp -m comment --comment "proxy-init/redirect-all-outgoing-to-proxy-port" -j REDIRECT --to-ports 4140',
  '-A PROXY_INIT_REDIRECT -p tcp -m multiport --dports 4190,4191,4567:4568 -m comment --comment "proxy-init/ignore-port-4190,4191,4567:4568" -j RETURN',
  '-A PROXY_INIT_REDIRECT -s 10.9.0.0/16 -m comment --comment "proxy-init/ignore-subnet-10.9.0.0/16" -j RETURN',
  '-A PROXY_INIT_REDIRECT -p tcp -m comment --comment "proxy-init/redirect-all-incoming-to-proxy-port" -j REDIRECT --to-ports 4143',
];

function rulesIn(save: string): string[] {
  const saved = execFileSync('ip', ['netns', 'exec', NAMESPACE, save, '-t', 'nat'], { encoding: 'utf8' });
  return saved.split('\n').filter((line) => line.startsWith('-A'));
}

function installed(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

const MODES = ['nft', 'legacy'].filter(
  (mode) => installed(`iptables-${mode}`) && installed(`ip6tables-${mode}`),
);

// Without the right to make network namespaces there is no kernel to ask; the plan itself is tested without one.
const suite = ROOT && MODES.length > 0;

if (suite) {
  describe('the kernel', () => {
    afterEach(() => {
      spawnSync('ip', ['netns', 'del', NAMESPACE]);
    });

    it.each(MODES)(
      'takes the rules by iptables-%s, and a second run leaves them as they are',
      async (mode) => {
        execFileSync('ip', ['netns', 'add', NAMESPACE]);
        const argv = [...ARGUMENTS, '--iptables-mode', mode, '--use-wait-flag'];
        await run(argv, { netns: NAMESPACE });
        expect(rulesIn(`iptables-${mode}-save`)).toEqual(RULES);
        await run(argv, { netns: NAMESPACE });
        expect(rulesIn(`iptables-${mode}-save`)).toEqual(RULES);
        const ipv6 = rulesIn(`ip6tables-${mode}-save`);
        expect(ipv6).toHaveLength(RULES.length);
        expect(ipv6.filter((line) => line.includes(' -s '))).toEqual([
          '-A PROXY_INIT_REDIRECT -s fd09::/16 -m comment --comment "proxy-init/ignore-subnet-fd09::/16" -j RETURN',
        ]);
      },
    );

    it('tracks half-closed connections as long as it is told, in the namespace alone', async () => {
      execFileSync('ip', ['netns', 'add', NAMESPACE]);
      const key = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';
      const outside = execFileSync('sysctl', ['-n', key], { encoding: 'utf8' });
      await run([...ARGUMENTS, '--simulate', '--timeout-close-wait-secs', '77'], { netns: NAMESPACE });
      const inside = execFileSync('ip', ['netns', 'exec', NAMESPACE, 'sysctl', '-n', key], {
        encoding: 'utf8',
      });
      expect(inside.trim()).toBe('77');
      expect(execFileSync('sysctl', ['-n', key], { encoding: 'utf8' })).toBe(outside);
    });
  });
}

describe('without a kernel that listens', () => {
  it('names the command that failed and its complaint', async () => {
    const failing = run([...ARGUMENTS, '--iptables-mode', 'nft'], { netns: `/nowhere-${process.pid}` });
    await expect(failing).rejects.toMatchObject({ code: 'command_failed' });
    await expect(failing).rejects.toThrow(/nsenter --net=\/nowhere-\d+ -- iptables.*No such file/s);
  });

  it('says what it would run without any rights', async () => {
    const lines: string[] = [];
    const write = (line: string) => void lines.push(line);
    const argv = ['-p', '4143', '-o', '4140', '--simulate', '--ipv6=false', '--log-format', 'json'];
    await run(argv, { write });
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.filter((message) => message.includes(' -t nat '))).toHaveLength(7);
  });
});
