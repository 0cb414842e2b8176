/** Where identities live: the control plane's namespace and the trust domain. */
export interface IdentityDomain {
  readonly controllerNamespace: string;
  readonly trustDomain: string;
}

/** Whom a token speaks for. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** `<sa>.<ns>.serviceaccount.identity.<control-plane ns>.<trust domain>` */
export function identityOf(account: ServiceAccount, domain: IdentityDomain): string {
  return `${account.name}.${account.namespace}.serviceaccount.identity.${domain.controllerNamespace}.${domain.trustDomain}`;
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads `system:serviceaccount:NS:SA`, where both are DNS labels (RFC 1123); undefined when it is anything else. */
export function parseUsername(username: string): ServiceAccount | undefined {
  const [system, kind, namespace = '', name = '', ...rest] = username.split(':');
  const wellFormed = system === 'system' && kind === 'serviceaccount' && rest.length === 0;
  return wellFormed && dnsLabel.test(namespace) && dnsLabel.test(name) ? { namespace, name } : undefined;
}
