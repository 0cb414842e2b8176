import { readFile } from 'node:fs/promises';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Identity } from '@weft/proto/identity';
import { type Certify, type GrpcClient, ServiceError } from '@weft/service';

/** How long one request for a certificate may take, in milliseconds. */
const CERTIFY_TIMEOUT_MS = 10_000;

/** Asks the identity service for the own certificate. The token is read anew each time: it is rotated. */
export function certifyOver(client: GrpcClient, identity: string, tokenFile: string): Certify {
  return async (certificateSigningRequest, signal) => {
    const token = await readFile(tokenFile);
    const answer = await client.unary(
      Identity.method.certify,
      { identity, token: new TextEncoder().encode(token.toString('utf8').trim()), certificateSigningRequest },
      { signal, timeoutMs: CERTIFY_TIMEOUT_MS },
    );
    if (answer.validUntil === undefined)
      throw new ServiceError(
        'failed_precondition',
        'the identity service did not say until when the certificate is valid',
      );
    return {
      leaf: answer.leafCertificate,
      intermediates: answer.intermediateCertificates,
      validUntil: timestampDate(answer.validUntil),
    };
  };
}
