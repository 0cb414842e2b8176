import { type Cidr, wordMask } from './cidr.ts';
import { parseIpv4 } from './ipv4.ts';
import { isIpv4Mapped, parseIpv6 } from './ipv6.ts';

/** Networks with exceptions, compiled. */
export interface NetworkSet {
  /** `ip` is the text of an address; IPv4-mapped IPv6 counts as IPv4. False for anything else. */
  contains(ip: string): boolean;
}

/** A network less the networks cut out of it. */
export interface Network {
  readonly net: Cidr;
  readonly except: readonly Cidr[];
}

interface MaskedNetwork {
  readonly words: Uint32Array;
  readonly masks: Uint32Array;
  readonly except: readonly MaskedNetwork[];
}

export function compileNetworks(networks: readonly Network[]): NetworkSet {
  const v4 = networks.filter((network) => network.net.family === 4).map(mask);
  const v6 = networks.filter((network) => network.net.family === 6).map(mask);
  // Reused: matching is synchronous, and an address must cost no garbage.
  const one = new Uint32Array(1);
  const four = new Uint32Array(4);
  return {
    contains(ip) {
      const bits = parseIpv4(ip);
      if (bits >= 0) {
        one[0] = bits;
        return containedIn(v4, one);
      }
      if (!parseIpv6(ip, four)) return false;
      if (!isIpv4Mapped(four)) return containedIn(v6, four);
      one[0] = four[3]!;
      return containedIn(v4, one);
    },
  };
}

function mask(network: Network): MaskedNetwork {
  const { words, prefixLength, family } = network.net;
  return {
    words: Uint32Array.from(words),
    masks: Uint32Array.from(words, (_, i) => wordMask(prefixLength, i)),
    except: network.except.filter((net) => net.family === family).map((net) => mask({ net, except: [] })),
  };
}

function containedIn(networks: readonly MaskedNetwork[], address: Uint32Array): boolean {
  for (let i = 0; i < networks.length; i += 1) {
    const network = networks[i]!;
    if (matches(network, address) && !containedIn(network.except, address)) return true;
  }
  return false;
}

function matches(network: MaskedNetwork, address: Uint32Array): boolean {
  for (let i = 0; i < address.length; i += 1) {
    if ((address[i]! & network.masks[i]!) >>> 0 !== network.words[i]) return false;
  }
  return true;
}
