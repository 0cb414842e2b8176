import type { X509Certificate } from 'node:crypto';
import { type JsonObject, listAt, textAt } from '../../manifest/json.ts';
import {
  type Category,
  type Check,
  type CheckContext,
  failed,
  type Outcome,
  skipped,
} from '../engine/check.ts';
import { paths } from '../objects.ts';
import { secretText } from './identity-material.ts';
import { validForLong, validNow } from './validity.ts';
import { certificatesIn, leadsTo, subjectOf } from './x509.ts';

interface Webhook {
  /** As it is called in descriptions and anchors. */
  readonly name: string;
  readonly anchor: string;
  readonly collection: string;
  readonly configuration: string;
  readonly service: string;
  readonly secret: string;
}

const WEBHOOKS: readonly Webhook[] = [
  {
    name: 'proxy-injector',
    anchor: 'l5d-proxy-injector-webhook-cert',
    collection: paths.mutatingWebhooks,
    configuration: 'linkerd-proxy-injector-webhook-config',
    service: 'linkerd-proxy-injector',
    secret: 'linkerd-proxy-injector-k8s-tls',
  },
  {
    name: 'sp-validator',
    anchor: 'l5d-sp-validator-webhook-cert',
    collection: paths.validatingWebhooks,
    configuration: 'linkerd-sp-validator-webhook-config',
    service: 'linkerd-sp-validator',
    secret: 'linkerd-sp-validator-k8s-tls',
  },
  {
    name: 'policy-validator',
    anchor: 'l5d-policy-validator-webhook-cert',
    collection: paths.validatingWebhooks,
    configuration: 'linkerd-policy-validator-webhook-config',
    service: 'linkerd-policy-validator',
    secret: 'linkerd-policy-validator-k8s-tls',
  },
];

/** What a webhook serves with, and whom the API server trusts to be it. */
interface WebhookMaterial {
  readonly chain: readonly X509Certificate[];
  readonly trusted: readonly X509Certificate[];
}

async function materialOf(webhook: Webhook, context: CheckContext): Promise<WebhookMaterial | undefined> {
  const { state, namespace } = context;
  const [secret, configurations] = await Promise.all([
    state.get(`/api/v1/namespaces/${namespace}/secrets/${webhook.secret}`),
    state.list(webhook.collection),
  ]);
  const configuration = configurations.find(
    (one) => textAt(one, 'metadata', 'name') === webhook.configuration,
  );
  if (secret === undefined && configuration === undefined) return undefined;
  if (secret === undefined)
    throw new Error(`Secret ${webhook.secret} is missing in namespace "${namespace}"`);
  if (configuration === undefined) throw new Error(`${webhook.configuration} is missing`);
  return {
    chain: certificatesIn(secretText(secret, 'tls.crt'), `Secret ${webhook.secret}`),
    trusted: certificatesIn(caBundleOf(configuration), `caBundle of ${webhook.configuration}`),
  };
}

function caBundleOf(configuration: JsonObject): string {
  const bundle = textAt(listAt(configuration, 'webhooks')[0], 'clientConfig', 'caBundle');
  if (bundle !== '') return Buffer.from(bundle, 'base64').toString('utf8');
  throw new Error(
    `${textAt(configuration, 'metadata', 'name')} has no caBundle, so the API server trusts nobody to be the webhook`,
  );
}

function judge(
  { service, configuration }: Webhook,
  material: WebhookMaterial,
  context: CheckContext,
): Outcome {
  const { chain, trusted } = material;
  const [leaf] = chain;
  const name = `${service}.${context.namespace}.svc`;
  if (!leadsTo(chain, trusted)) {
    return failed(`"${subjectOf(leaf!)}" does not lead to the caBundle of ${configuration}`);
  }
  if (leaf?.checkHost(name) === undefined) {
    return failed(
      `"${subjectOf(leaf!)}" is not for ${name} but for ${leaf?.subjectAltName ?? 'no name at all'}`,
    );
  }
  return validNow([leaf], context);
}

function checksOf(webhook: Webhook): [Check, Check] {
  const withMaterial = (judgement: (material: WebhookMaterial, context: CheckContext) => Outcome) => {
    return async (context: CheckContext) => {
      const material = await materialOf(webhook, context);
      return material === undefined ? skipped : judgement(material, context);
    };
  };
  return [
    {
      description: `${webhook.name} webhook has valid cert`,
      anchor: `${webhook.anchor}-valid`,
      severity: 'fatal',
      run: withMaterial((material, context) => judge(webhook, material, context)),
    },
    {
      description: `${webhook.name} cert is valid for at least 60 days`,
      anchor: `${webhook.anchor}-not-expiring-soon`,
      severity: 'warning',
      remedy: 'weft upgrade makes new ones',
      run: withMaterial(({ chain }, context) => validForLong(chain.slice(0, 1), context)),
    },
  ];
}

export const webhookCertificates: Category = {
  name: 'linkerd-webhooks-and-apisvc-tls',
  checks: WEBHOOKS.flatMap(checksOf),
};
