import { describe, expect, it } from '@jest/globals';
import { baseSettings } from './base-settings.ts';
import { ConfigError } from './config-error.ts';
import { readConfig, setting } from './settings.ts';
import { values } from './values.ts';

const settings = {
  ...baseSettings,
  addr: setting({ flag: 'addr', value: values.listenAddress, default: ':8080', help: 'address of gRPC' }),
  trustDomain: setting({
    flag: 'identity-trust-domain',
    value: values.nonEmptyText,
    help: 'the trust domain',
  }),
  ipv6: setting({
    flag: 'enable-ipv6',
    value: values.boolean,
    isSwitch: true,
    default: 'true',
    help: 'IPv6',
  }),
  lifetime: setting({ flag: 'lifetime', value: values.duration, default: '24h0m0s', help: 'lifetime' }),
  ports: setting({ flag: 'ports', value: values.list, default: '', help: 'ports' }),
};

function read(argv: string[], env: Record<string, string> = {}) {
  const result = readConfig(settings, { argv, env });
  if (result.kind !== 'config') throw new Error('expected a configuration');
  return result.config;
}

function problemsOf(argv: string[], env: Record<string, string> = {}): string[] {
  try {
    read(argv, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  throw new Error('expected a ConfigError');
}

describe('readConfig', () => {
  it('takes flags with one dash or two, with a blank or an equals sign', () => {
    const config = read(['-addr', '127.0.0.1:1', '--identity-trust-domain=td', '-enable-ipv6=false']);
    expect(config).toMatchObject({ addr: { host: '127.0.0.1', port: 1 }, trustDomain: 'td', ipv6: false });
  });

  it('takes a switch alone as true, and what follows it as the next flag', () => {
    expect(read(['-enable-ipv6', '-identity-trust-domain', 'td'], { WEFT_ENABLE_IPV6: 'false' }).ipv6).toBe(
      true,
    );
  });

  it('takes values that begin with a dash', () => {
    expect(read(['-identity-trust-domain', '-x']).trustDomain).toBe('-x');
  });

  it('prefers flag over environment over default, and an empty variable is none', () => {
    const env = { WEFT_ADDR: ':2', WEFT_IDENTITY_TRUST_DOMAIN: 'env', WEFT_LIFETIME: '' };
    const config = read(['-addr', ':1'], env);
    expect(config.addr.port).toBe(1);
    expect(config.trustDomain).toBe('env');
    expect(config.lifetime).toBe(86_400_000);
  });

  it('names key and value of everything that is wrong, all at once', () => {
    const problems = problemsOf(['-addr', 'nowhere', '-log-level=loud', '-nonsense=1', 'stray', '-ports'], {
      WEFT_LIFETIME: '5 parsecs',
    });
    expect(problems).toEqual([
      '-nonsense="1": is not a known flag; -help lists them',
      'stray: is not a flag, and no arguments are expected',
      '-ports: needs a value',
      '-log-level="loud": expected one of trace, debug, info, warn, error, off',
      '-addr="nowhere": expected host:port or :port',
      '-identity-trust-domain (or WEFT_IDENTITY_TRUST_DOMAIN): is required; it is the trust domain',
      'WEFT_LIFETIME="5 parsecs": expected a duration such as 20s, 5m or 24h',
    ]);
  });

  it('asks for exit code 64', () => {
    expect(() => read([])).toThrow(expect.objectContaining({ exitCode: 64 }));
  });

  it('explains every flag on -help, whatever else is wrong', () => {
    const result = readConfig(settings, { argv: ['-nonsense', '-help'], env: {} });
    expect(result).toMatchObject({
      kind: 'help',
      text: expect.stringContaining('WEFT_IDENTITY_TRUST_DOMAIN'),
    });
  });
});

describe('values', () => {
  it.each([
    ['20s', 20_000],
    ['24h0m0s', 86_400_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
  ])('read the duration %s', (text, ms) => {
    expect(values.duration.parse(text)).toBe(ms);
  });

  it.each(['', '20', '-1s', '1d', 's', '1s2', '9999999999999999h'])('refuse the duration %j', (text) => {
    expect(values.duration.safeParse(text).success).toBe(false);
  });

  it.each([
    [':8080', { host: undefined, port: 8080 }],
    ['[::1]:1', { host: '::1', port: 1 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ])('read the address %s', (text, address) => {
    expect(values.listenAddress.parse(text)).toEqual(address);
  });

  it.each(['8080', ':65536', '::1:80', 'a:b', ''])('refuse the address %j', (text) => {
    expect(values.listenAddress.safeParse(text).success).toBe(false);
  });

  it('read lists without blanks and empty parts', () => {
    expect(values.list.parse(' a, b ,,c,')).toEqual(['a', 'b', 'c']);
  });

  it.each(['5.5', '', '1e2', '256', '-1'])('refuse the whole number %j from 0 to 255', (text) => {
    expect(values.integer(0, 255).safeParse(text).success).toBe(false);
  });
});
