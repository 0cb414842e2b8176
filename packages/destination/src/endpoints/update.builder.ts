import type { Update, WeightedAddr } from '@weft/proto/destination';
import type { TcpAddress } from '@weft/proto/net';
import { decodeIp } from '../wire/ip-address.ts';

export const addressText = (address: TcpAddress | undefined): string =>
  `${decodeIp(address?.ip)}:${address?.port}`;

/** Updates in short: `+10.1.0.1:8080`, `-10.1.0.1:8080`, `none(exists)`. */
export function summary(updates: readonly Update[]): string[] {
  return updates.flatMap(({ update }) => {
    switch (update.case) {
      case 'add':
        return update.value.addrs.map(({ addr }) => `+${addressText(addr)}`);
      case 'remove':
        return update.value.addrs.map((addr) => `-${addressText(addr)}`);
      case 'noEndpoints':
        return [update.value.exists ? 'none' : 'none, no service'];
      default:
        return ['nothing'];
    }
  });
}

/** The endpoints that the updates add. */
export function added(updates: readonly Update[]): WeightedAddr[] {
  return updates.flatMap(({ update }) => (update.case === 'add' ? update.value.addrs : []));
}
