import { describe, expect, it } from '@jest/globals';
import { natTable, type VirtualPort } from './service-rules.ts';

const port = (targets: VirtualPort['targets']): VirtualPort => ({
  name: 'shop/web:http',
  clusterIp: '10.43.0.20',
  port: 80,
  protocol: 'tcp',
  targets,
});

const rules = (...ports: VirtualPort[]) => natTable(ports).split('\n');

describe('the nat table of the router', () => {
  it('leads a cluster IP to its only endpoint', () => {
    const lines = rules(port([{ ip: '10.42.0.17', port: 8080 }]));
    const jump = lines.find((line) => line.includes('-d 10.43.0.20/32'));
    expect(jump).toMatch(/^-A SERVICES -d 10.43.0.20\/32 -p tcp -m tcp --dport 80 .*-j SVC-[0-9A-F]{16}$/);
    expect(lines).toContainEqual(
      expect.stringMatching(/^-A SEP-\w+ -p tcp -j DNAT --to-destination 10.42.0.17:8080$/),
    );
  });

  it('gives each of several endpoints the same chance', () => {
    const targets = ['10.42.0.1', '10.42.0.2', '10.42.0.3'].map((ip) => ({ ip, port: 8080 }));
    const chances = rules(port(targets)).flatMap((line) => /--probability (\S+)/.exec(line)?.slice(1) ?? []);
    expect(chances).toEqual(['0.3333333333', '0.5000000000']);
  });

  it('masquerades a pod that meets itself', () => {
    const lines = rules(port([{ ip: '10.42.0.17', port: 8080 }]));
    expect(lines).toContainEqual(
      expect.stringMatching(/^-A SEP-\w+ -s 10.42.0.17\/32 -j MARK --set-xmark 0x4000/),
    );
    expect(lines).toContain('-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE');
  });

  it('has no rule for a service without endpoints, so that its address is unreachable', () => {
    expect(rules(port([])).filter((line) => line.includes('10.43.0.20'))).toEqual([]);
  });

  it('keeps chain names within what iptables allows', () => {
    const chains = rules(port([{ ip: '10.42.0.17', port: 8080 }])).filter((line) => line.startsWith(':S'));
    for (const chain of chains) expect(chain.slice(1, chain.indexOf(' ')).length).toBeLessThanOrEqual(28);
  });
});
