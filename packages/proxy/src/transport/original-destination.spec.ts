import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeSockaddrIn, decodeSockaddrIn6 } from './original-destination.ts';

/**
 * Runs inside a network namespace of its own: turns connections to two far addresses to a listener, and
 * prints what the listener takes for their destination and how many warnings were given.
 */
const PROGRAM = `
  const { listenTcp } = await import(process.env.LISTENER);
  const { connect } = await import('node:net');
  const { execFileSync } = await import('node:child_process');
  const sh = (line) => execFileSync('sh', ['-ec', line], { stdio: ['ignore', 'ignore', 'inherit'] });
  const warnings = [];
  process.on('warning', (warning) => warnings.push(warning.message));
  const log = { warn() {}, error() {}, info() {}, debug() {}, trace() {} };
  const listener = await listenTcp({ ip: '::', port: 0 }, { name: 'test', log, userTimeoutMs: 1000 });
  const to = '--to-ports ' + listener.address.port;
  sh('ip link set lo up; ip route add default dev lo; ip -6 route add default dev lo');
  sh('iptables -t nat -A OUTPUT -p tcp --dport 8080 -j REDIRECT ' + to);
  sh('ip6tables -t nat -A OUTPUT -p tcp --dport 8080 -j REDIRECT ' + to);
  const targets = [];
  const both = new Promise((resolve) => listener.acceptRedirected((connection, target) => {
    targets.push({ peer: connection.peer.ip, ...target });
    if (targets.length === 2) resolve();
  }));
  for (const host of ['10.9.8.7', 'fd00:0:0:1::9']) connect({ host, port: 8080 }).on('error', () => {});
  await both;
  process.stdout.write(JSON.stringify({ targets, warnings }), () => process.exit(0));
`;

describe('the original destination', () => {
  it('is read from sockaddr_in', () => {
    const bytes = Buffer.from('02001f900a09080700000000000000000', 'hex');
    expect(decodeSockaddrIn(bytes)).toEqual({ ip: '10.9.8.7', port: 8080 });
  });

  it.each([
    ['fd000000000000010000000000000009', 'fd00:0:0:1::9'],
    ['00000000000000000000ffff0a090807', '10.9.8.7'],
    ['00000000000000000000000000000001', '::1'],
  ])('is read from sockaddr_in6 %s', (address, ip) => {
    const bytes = Buffer.from(`0a001f9000000000${address}00000000`, 'hex');
    expect(decodeSockaddrIn6(bytes)).toEqual({ ip, port: 8080 });
  });

  it('is known for what netfilter redirects, over IPv4 and IPv6, without a warning', async () => {
    const root = process.getuid?.() === 0;
    const { stdout } = await promisify(execFile)(
      'unshare',
      [root ? '-n' : '-rn', process.execPath, '--input-type=module', '-e', PROGRAM],
      { timeout: 10_000, env: { ...process.env, LISTENER: new URL('./listener.ts', import.meta.url).href } },
    );
    const { targets, warnings } = JSON.parse(stdout) as { targets: { ip: string }[]; warnings: string[] };
    expect(targets.sort((a, b) => a.ip.localeCompare(b.ip))).toEqual([
      expect.objectContaining({ ip: '10.9.8.7', port: 8080 }),
      expect.objectContaining({ ip: 'fd00:0:0:1::9', port: 8080 }),
    ]);
    expect(warnings).toEqual([]);
  });
});
