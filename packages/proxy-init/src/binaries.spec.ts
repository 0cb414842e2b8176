import { describe, expect, it } from '@jest/globals';
import { availableBinaries, binariesOf } from './binaries.ts';

describe('the programs of a mode', () => {
  it.each([
    ['legacy', 'ipv4', 'iptables-legacy', 'iptables-legacy-save'],
    ['legacy', 'ipv6', 'ip6tables-legacy', 'ip6tables-legacy-save'],
    ['nft', 'ipv4', 'iptables-nft', 'iptables-nft-save'],
    ['nft', 'ipv6', 'ip6tables-nft', 'ip6tables-nft-save'],
    ['plain', 'ipv4', 'iptables', 'iptables-save'],
    ['plain', 'ipv6', 'ip6tables', 'ip6tables-save'],
  ] as const)('%s %s', (mode, family, set, save) => {
    expect(binariesOf(mode, family)).toEqual({ set, save });
  });
});

describe('the programs that are there', () => {
  const having =
    (...programs: string[]) =>
    (program: string) =>
      programs.includes(program);

  it('are those of the mode where both exist', () => {
    const found = availableBinaries('legacy', 'ipv4', () => true);
    expect(found.set).toBe('iptables-legacy');
  });

  it('are the first complete pair of the family where one is missing', () => {
    const missingSave = having('iptables-legacy', 'iptables-nft', 'iptables', 'iptables-save');
    expect(availableBinaries('legacy', 'ipv4', missingSave).set).toBe('iptables');
    const onlyV4 = having('iptables-nft', 'iptables-nft-save', 'ip6tables-legacy', 'ip6tables-legacy-save');
    expect(availableBinaries('nft', 'ipv6', onlyV4).set).toBe('ip6tables-legacy');
    expect(availableBinaries('plain', 'ipv4', onlyV4).set).toBe('iptables-nft');
  });

  it('stay the wanted ones where no pair is complete, so that the error names them', () => {
    expect(availableBinaries('plain', 'ipv6', () => false)).toEqual({
      set: 'ip6tables',
      save: 'ip6tables-save',
    });
  });
});
