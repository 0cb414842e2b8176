import { ServiceError } from '@weft/service';
import { parseDocument } from 'yaml';
import { defaultValues } from '../../default-values.ts';
import type { InjectorValues } from '../../values.ts';
import { checkedTree } from './checked-tree.ts';
import { type DefaultInjection, optIn } from './default-injection.ts';

/** What the webhook is configured with: the chart's values, the trust anchors and its own namespace. */
export interface WebhookValues {
  readonly injector: InjectorValues;
  readonly injectByDefault: DefaultInjection;
}

/** Mappings whose members are the user's own, or may be absent. */
const OPEN: ReadonlySet<string> = new Set([
  'proxy.inbound',
  'proxy.outbound',
  'proxy.runtime.workers',
  'proxy.securityContext',
  'proxy.tracing.labels',
]);

function numberOrNothing(tree: unknown): number | undefined {
  const { proxy } = (tree ?? {}) as { proxy?: { cores?: unknown } };
  const cores = proxy?.cores ?? undefined;
  if (cores === undefined || (typeof cores === 'number' && cores >= 0)) return cores || undefined;
  throw new ServiceError('invalid_argument', `proxy.cores is ${JSON.stringify(cores)}: must be a number`);
}

/**
 * Reads the values file (YAML) of an installation. Values it does not name have the chart's defaults.
 * @throws ServiceError naming the value that cannot be used.
 */
export function readWebhookValues(
  text: string,
  { linkerdNamespace, trustAnchors }: { readonly linkerdNamespace: string; readonly trustAnchors: string },
): WebhookValues {
  const document = parseDocument(text);
  const [syntax] = document.errors;
  if (syntax !== undefined)
    throw new ServiceError('invalid_argument', `the values are not YAML: ${syntax.message}`);
  const tree: unknown = document.toJS({ maxAliasCount: 100 });
  const injector = checkedTree(tree, defaultValues, OPEN);
  const cores = numberOrNothing(tree);
  const model = { proxyInjector: { injectByDefault: optIn } };
  return {
    injector: {
      ...injector,
      proxy: { ...injector.proxy, ...(cores !== undefined && { cores }) },
      linkerdNamespace,
      identityTrustAnchorsPEM: trustAnchors,
    },
    injectByDefault: checkedTree(tree, model, new Set()).proxyInjector.injectByDefault,
  };
}
