import type { EnvVar } from '../env-var.ts';
import type { Settings } from '../settings.ts';
import { optional, setting, when } from './entries.ts';

/** The proxy cannot switch detection timeouts off, so "off" is a year. */
const NEVER = '365d';

export function timeouts({ proxy }: Settings): readonly EnvVar[] {
  return [
    ...optional('INBOUND_CONNECT_TIMEOUT', proxy.inboundConnectTimeout),
    ...optional('OUTBOUND_CONNECT_TIMEOUT', proxy.outboundConnectTimeout),
    ...optional('OUTBOUND_DISCOVERY_IDLE_TIMEOUT', proxy.outboundDiscoveryCacheUnusedTimeout),
    ...optional('INBOUND_DISCOVERY_IDLE_TIMEOUT', proxy.inboundDiscoveryCacheUnusedTimeout),
    ...when(proxy.disableOutboundProtocolDetectTimeout, setting('OUTBOUND_DETECT_TIMEOUT', NEVER)),
    ...when(proxy.disableInboundProtocolDetectTimeout, setting('INBOUND_DETECT_TIMEOUT', NEVER)),
  ];
}

/** TCP settings of the connections that cross the network. */
export function connections(): readonly EnvVar[] {
  return [
    setting('INBOUND_ACCEPT_KEEPALIVE', '10000ms'),
    setting('OUTBOUND_CONNECT_KEEPALIVE', '10000ms'),
    setting('INBOUND_ACCEPT_USER_TIMEOUT', '30s'),
    setting('OUTBOUND_CONNECT_USER_TIMEOUT', '30s'),
  ];
}
