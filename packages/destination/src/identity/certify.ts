import { readFile } from 'node:fs/promises';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Identity } from '@weft/proto/identity';
import { type Certify, type GrpcClient, ServiceError } from '@weft/service';

/** How long one request for a certificate may take, in milliseconds. */
const CERTIFY_TIMEOUT_MS = 10_000;

/**
 * Asks the identity service for the own certificate. Hours lie between two requests, so each has a connection of its
 * own: what the last one met, a replica or a refusal, says nothing any more. The token is read anew, too: it is
 * rotated.
 */
export function certifyOver(connect: () => GrpcClient, identity: string, tokenFile: string): Certify {
  return async (certificateSigningRequest, signal) => {
    const token = new TextEncoder().encode((await readFile(tokenFile, 'utf8')).trim());
    const client = connect();
    const answer = await client
      .unary(
        Identity.method.certify,
        { identity, token, certificateSigningRequest },
        { signal, timeoutMs: CERTIFY_TIMEOUT_MS },
      )
      .finally(() => client.close());
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
