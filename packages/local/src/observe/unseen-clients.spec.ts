import { describe, expect, it } from '@jest/globals';
import { anAddressBook, anObservedPod } from './observe.builder.ts';
import { clientSockets, type Socket } from './sockets.ts';
import { UnseenClients } from './unseen-clients.ts';

const web = anObservedPod('web', { ip: '10.42.0.21' });
const old = anObservedPod('old', { ip: '10.42.0.22', meshed: false });
const legacy = anObservedPod('legacy', { ip: '10.42.0.23', meshed: false });
const reports = anObservedPod('reports', { ip: '10.42.0.24', skippedOutbound: ['9000', '4567-4568'] });
const book = anAddressBook([web, old, legacy, reports], {
  '10.43.0.20:80': { pod: web, port: 8080 },
  '10.43.0.21:9000': { pod: legacy, port: 9000 },
});

const socket = (remoteIp: string, remotePort: number, other: Partial<Socket> = {}): Socket => ({
  localPort: 40_000,
  remoteIp,
  remotePort,
  uid: 0,
  inode: '1',
  ...other,
});

describe('the kernel’s list of sockets', () => {
  const header =
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
  const row = (local: string, remote: string, state: string) =>
    `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 4711 1`;

  it('tells the connections a pod has opened, not those it has taken', () => {
    const table = [
      header,
      row('00000000:1F90', '00000000:0000', '0A'),
      row('15002A0A:1F90', '16002A0A:9C40', '01'),
      row('15002A0A:9C41', '14002B0A:0050', '01'),
    ].join('\n');
    expect(clientSockets(table)).toEqual([
      { localPort: 0x9c41, remoteIp: '10.43.0.20', remotePort: 80, uid: 1000, inode: '4711' },
    ]);
  });

  it('shows IPv4 addresses that are written as IPv6', () => {
    const mapped = '0000000000000000FFFF000015002A0A:9C41';
    const remote = '0000000000000000FFFF000014002B0A:0050';
    expect(clientSockets([header, row(mapped, remote, '06')].join('\n'))).toMatchObject([
      { remoteIp: '10.43.0.20' },
    ]);
  });
});

describe('clients that no proxy counts for', () => {
  it('are named where a server’s proxy counts their requests', () => {
    const unseen = new UnseenClients();
    expect(unseen.add(legacy, [socket('10.43.0.20', 80)], book)).toEqual([]);
    expect(unseen.add(old, [socket('10.42.0.21', 8080)], book)).toEqual([]);
    expect(unseen.clientOf(web, 8080)).toEqual({
      from: 'shop/legacy, shop/old',
      reason: 'client is not in the mesh',
    });
    expect(unseen.clientOf(web, 9999)).toBeUndefined();
  });

  it('are counted by their connections where no proxy is at all, each once', () => {
    const unseen = new UnseenClients();
    const read = () => {
      const edges = unseen.add(old, [socket('10.43.0.21', 9000)], book);
      unseen.endOfReading();
      return edges;
    };
    expect(read()).toMatchObject([
      { from: 'shop/old', to: 'shop/legacy', port: 9000, tls: false, reason: 'neither side is in the mesh' },
    ]);
    expect(read()).toEqual([]);
    unseen.endOfReading();
    expect(read()).toHaveLength(1);
  });

  it('are meshed ones on the ports their proxy skips', () => {
    const unseen = new UnseenClients();
    const sockets = [socket('10.43.0.21', 9000), socket('10.43.0.20', 80, { localPort: 40_001 })];
    expect(unseen.add(reports, sockets, book)).toMatchObject([
      { to: 'shop/legacy', reason: 'port is skipped' },
    ]);
  });

  it('are not the proxies themselves', () => {
    const unseen = new UnseenClients();
    expect(unseen.add(reports, [socket('10.42.0.23', 9000, { uid: 2102 })], book)).toEqual([]);
  });
});
