import { isIP } from 'node:net';
import { CLOSE_WAIT_TIMEOUT, LOG_HTTP_HEADERS } from './annotations/keys.ts';
import { quote } from './annotations/rule.ts';
import { InjectError } from './errors.ts';
import type { Settings } from './settings.ts';

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return (
    family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  );
}

/** Refuses settings that no working pod can come of, each with what to change. */
export function assertRenderable(settings: Settings): void {
  const { proxy, proxyInit } = settings;
  if (!['off', 'insecure', ''].includes(proxy.logHTTPHeaders)) {
    throw new InjectError(
      'invalid_log_http_headers',
      LOG_HTTP_HEADERS,
      `${LOG_HTTP_HEADERS} (proxy.logHTTPHeaders) is ${quote(proxy.logHTTPHeaders)}; it must be "off" or "insecure"`,
    );
  }
  for (const network of settings.clusterNetworks.split(',').map((item) => item.trim())) {
    if (network !== '' && !isCidr(network)) {
      throw new InjectError(
        'invalid_cluster_networks',
        'clusterNetworks',
        `clusterNetworks has the item ${quote(network)}; each must be a CIDR such as 10.0.0.0/8`,
      );
    }
  }
  if (settings.identityTrustAnchorsPEM.trim() === '') {
    throw new InjectError(
      'trust_anchors_missing',
      'identityTrustAnchorsPEM',
      'identityTrustAnchorsPEM is empty; set it to the PEM text of the trust anchors',
    );
  }
  assertTracingComplete(settings);
  if (!settings.cniEnabled) assertInitRenderable(proxyInit);
}

function assertTracingComplete({ proxy: { tracing } }: Settings): void {
  const { endpoint, meshIdentity } = tracing.collector;
  if (tracing.enabled && [endpoint, meshIdentity.serviceAccountName, meshIdentity.namespace].includes('')) {
    throw new InjectError(
      'tracing_collector_missing',
      'proxy.tracing.collector',
      'proxy.tracing is enabled; set collector.endpoint, collector.meshIdentity.serviceAccountName and .namespace',
    );
  }
}

function assertInitRenderable({
  iptablesMode,
  closeWaitTimeoutSecs,
  runAsRoot,
}: Settings['proxyInit']): void {
  if (iptablesMode !== 'nft' && iptablesMode !== 'legacy') {
    throw new InjectError(
      'invalid_iptables_mode',
      'proxyInit.iptablesMode',
      `proxyInit.iptablesMode is ${quote(iptablesMode)}; it must be "nft" or "legacy"`,
    );
  }
  if (closeWaitTimeoutSecs > 0 && !runAsRoot) {
    throw new InjectError(
      'close_wait_requires_root',
      CLOSE_WAIT_TIMEOUT,
      `${CLOSE_WAIT_TIMEOUT} (proxyInit.closeWaitTimeoutSecs) needs proxyInit.runAsRoot; set that to true or remove the timeout`,
    );
  }
}
