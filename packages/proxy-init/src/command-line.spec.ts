import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './command-line.ts';

const PORTS = ['-p', '4143', '-o', '4140'];

describe('the command line', () => {
  it('reads the arguments that the injector writes', () => {
    const { options, ...rest } = parseArguments([
      ...[
        '--firewall-bin-path',
        'iptables-nft',
        '--firewall-save-bin-path',
        'iptables-nft-save',
        '--ipv6=false',
      ],
      ...['--incoming-proxy-port', '4143', '--outgoing-proxy-port', '4140', '--proxy-uid', '2102'],
      ...['--inbound-ports-to-ignore', '4190,4191,4567,4568', '--outbound-ports-to-ignore', '4567,4568'],
    ]);
    expect(options).toEqual({
      incomingProxyPort: 4143,
      outgoingProxyPort: 4140,
      proxyUid: 2102,
      proxyGid: -1,
      portsToRedirect: [],
      inboundPortsToIgnore: ['4190', '4191', '4567', '4568'],
      outboundPortsToIgnore: ['4567', '4568'],
      subnetsToIgnore: [],
      mode: 'nft',
      ipv6: false,
      useWaitFlag: false,
    });
    expect(rest).toEqual({
      simulate: false,
      netns: '',
      closeWaitSeconds: 0,
      logFormat: 'plain',
      logLevel: 'info',
    });
  });

  it('knows the short flags and the defaults', () => {
    const { options } = parseArguments([...PORTS, '-u', '5', '-g', '6', '-r', '80,443', '-w']);
    expect(options).toMatchObject({
      proxyUid: 5,
      proxyGid: 6,
      portsToRedirect: [80, 443],
      useWaitFlag: true,
    });
    expect(options).toMatchObject({ mode: 'legacy', ipv6: true });
  });

  it('adds up lists that are given several times and leaves blanks inside them alone', () => {
    const { options } = parseArguments([
      ...PORTS,
      ...['--inbound-ports-to-ignore', '1, 2', '--inbound-ports-to-ignore', '3'],
      ...['--subnets-to-ignore', '10.0.0.0/8, fd00::/8'],
    ]);
    expect(options.inboundPortsToIgnore).toEqual(['1', ' 2', '3']);
    expect(options.subnetsToIgnore).toEqual(['10.0.0.0/8', 'fd00::/8']);
  });

  it.each([
    [['--iptables-mode', 'plain', '--firewall-bin-path', 'iptables-nft'], 'plain'],
    [['--firewall-bin-path', 'iptables'], 'plain'],
    [['--firewall-bin-path', 'iptables-legacy'], 'legacy'],
    [['--firewall-bin-path', ''], 'legacy'],
  ])('chooses the mode of %p', (flags, mode) => {
    expect(parseArguments([...PORTS, ...flags]).options.mode).toBe(mode);
  });

  it.each([
    [['-o', '4140'], '--incoming-proxy-port is -1'],
    [['-p', '4143'], '--outgoing-proxy-port is -1'],
    [['-p', '70000', '-o', '1'], '--incoming-proxy-port is 70000'],
    [['-p', 'http', '-o', '1'], "'http' is invalid"],
    [[...PORTS, '-r', '80,x'], '"x" is not a port'],
    [[...PORTS, '--subnets-to-ignore', '10.0.0.0/40'], '--subnets-to-ignore is "10.0.0.0/40"'],
    [[...PORTS, '--iptables-mode', 'ebpf'], '--iptables-mode is "ebpf"'],
    [[...PORTS, '--iptables-mode', '__proto__'], '--iptables-mode is "__proto__"'],
    [[...PORTS, '--firewall-bin-path', '/sbin/iptables'], '--firewall-bin-path is "/sbin/iptables"'],
    [[...PORTS, '--log-level', 'loud'], '--log-level is "loud"'],
    [[...PORTS, '--ipv6=maybe'], "'maybe' is invalid"],
    [[...PORTS, '--timeout-close-wait-secs', '-5'], '--timeout-close-wait-secs is -5'],
    [[...PORTS, '--unknown'], "unknown option '--unknown'"],
    [[...PORTS, 'stray'], 'too many arguments'],
  ])('refuses %p', (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    expect(() => parseArguments(argv)).toThrow(message);
  });
});
