import { defaultMeta, type Meta } from '@weft/policy';

const unknown = defaultMeta('unknown');

/** The Service that a name of the form `NAME.NAMESPACE.svc.…` stands for; `default.unknown` for other names. */
export function serviceMeta(host: string, port: number): Meta {
  const [name, namespace, svc] = host.split('.');
  if (name === undefined || namespace === undefined || svc?.toLowerCase() !== 'svc') return unknown;
  return { group: 'core', kind: 'Service', namespace, name, section: '', port };
}
