import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IssuerBundle } from './issuer.ts';
import { IssuerError } from './issuer-error.ts';

export const issuerSchemes = ['linkerd.io/tls', 'kubernetes.io/tls'] as const;
export type IssuerScheme = (typeof issuerSchemes)[number];

const fileNames: Record<IssuerScheme, { readonly certificate: string; readonly key: string }> = {
  'linkerd.io/tls': { certificate: 'crt.pem', key: 'key.pem' },
  'kubernetes.io/tls': { certificate: 'tls.crt', key: 'tls.key' },
};

export interface IssuerLocation {
  /** Directory of the issuer's certificate and key. */
  readonly directory: string;
  readonly scheme: IssuerScheme;
  /** The bundle of trust anchors. */
  readonly anchorsFile: string;
}

/** Reads what the disk holds now. @throws IssuerError naming the file that cannot be read. */
export async function readIssuerFiles({
  directory,
  scheme,
  anchorsFile,
}: IssuerLocation): Promise<IssuerBundle> {
  const { certificate, key } = fileNames[scheme];
  const [certChainPem, keyPem, anchorsPem] = await Promise.all([
    readText(join(directory, certificate)),
    readText(join(directory, key)),
    readText(anchorsFile),
  ]);
  return { certChainPem, keyPem, anchorsPem };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new IssuerError('unreadable', `${path} cannot be read`, cause);
  }
}
