import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { CertifyResponseSchema, type Identity } from '@weft/proto/identity';
import type { Handlers } from '@weft/service';
import type { Certifier } from './certifier.ts';

/** `Certify` over gRPC. */
export function identityHandlers(certifier: Certifier): Handlers<typeof Identity> {
  return {
    certify: async ({ identity, token, certificateSigningRequest }, { signal }) => {
      const { leaf, chain } = await certifier.certify(
        { identity, token, csr: certificateSigningRequest },
        signal,
      );
      return create(CertifyResponseSchema, {
        leafCertificate: leaf.der,
        intermediateCertificates: [...chain],
        validUntil: timestampFromDate(leaf.notAfter),
      });
    },
  };
}
