import type { EnvVar } from '../env-var.ts';
import type { Injection } from '../injection.ts';
import { inboundPorts } from '../pod-ports.ts';
import type { Settings } from '../settings.ts';
import { fromField, setting } from './entries.ts';

export function listeners({ proxy: { ports }, disableIPv6 }: Settings): readonly EnvVar[] {
  const anyHost = disableIPv6 ? '0.0.0.0' : '[::]';
  const outbound = `127.0.0.1:${ports.outbound}`;
  return [
    setting('CONTROL_LISTEN_ADDR', `${anyHost}:${ports.control}`),
    setting('ADMIN_LISTEN_ADDR', `${anyHost}:${ports.admin}`),
    setting('OUTBOUND_LISTEN_ADDR', outbound),
    setting('OUTBOUND_LISTEN_ADDRS', disableIPv6 ? outbound : `${outbound},[::1]:${ports.outbound}`),
    setting('INBOUND_LISTEN_ADDR', `${anyHost}:${ports.inbound}`),
  ];
}

/** What the proxy must know of its pod: the addresses, and the ports whose policy it watches from the start. */
export function inboundFacts({ settings, spec }: Injection): readonly EnvVar[] {
  return [
    fromField('LINKERD2_PROXY_INBOUND_IPS', 'status.podIPs'),
    setting('INBOUND_PORTS', settings.proxy.podInboundPorts || inboundPorts(spec)),
  ];
}
