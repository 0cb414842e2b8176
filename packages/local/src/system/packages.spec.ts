import { describe, expect, it } from '@jest/globals';
import { installCommand, packageManagers } from './packages.ts';
import { systemPath } from './requirements.ts';

describe('what the machine lacks', () => {
  const manager = (name: string) => packageManagers.find(({ program }) => program === name)!;

  it('is installed by the names of the machine’s package manager, each once', () => {
    expect(installCommand(manager('apt-get'), ['ip', 'iptables', 'iptables-restore']).slice(-2)).toEqual([
      'iproute2',
      'iptables',
    ]);
    expect(installCommand(manager('dnf'), ['ip', 'newuidmap'])).toEqual([
      ...['dnf', 'install', '-y', '-q'],
      ...['iproute', 'shadow-utils'],
    ]);
  });

  it('is looked for where administrators’ programs are, whatever PATH says', () => {
    expect(systemPath('/usr/bin:/sbin')).toBe('/usr/bin:/sbin:/usr/local/sbin:/usr/sbin');
  });
});
