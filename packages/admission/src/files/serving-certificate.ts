import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { type Logger, ServiceError, splitPem } from '@weft/service';
import type { AdmissionMetrics } from '../metrics.ts';
import { MountedFiles } from './mounted-files.ts';

/** Certificate chain and key as PEM text. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** @throws ServiceError where the two are no pair to serve with. */
export function checkKeyPair({ cert, key }: KeyPair): KeyPair {
  const [leaf] = splitPem(cert);
  if (leaf === undefined) throw unusable('tls.crt holds no certificate');
  let matches: boolean;
  try {
    matches = new X509Certificate(leaf).checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw unusable('tls.crt or tls.key cannot be read as PEM', cause);
  }
  if (!matches) throw unusable('tls.key is not the key of tls.crt');
  return { cert, key };
}

function unusable(message: string, cause?: unknown): ServiceError {
  return new ServiceError('failed_precondition', message, { cause });
}

/** Follows the certificate in a mounted Secret of type `kubernetes.io/tls`. */
export function servingCertificate(
  directory: string,
  { name, logger, metrics }: { name: string; logger: Logger; metrics: AdmissionMetrics },
): MountedFiles<KeyPair> {
  return new MountedFiles({
    name: `certificate of ${name}`,
    paths: [join(directory, 'tls.crt'), join(directory, 'tls.key')],
    load: ([cert = '', key = '']) => checkKeyPair({ cert, key }),
    logger,
    onResult: (result) => metrics.reloaded(join(directory, 'tls.crt'), result),
  });
}
