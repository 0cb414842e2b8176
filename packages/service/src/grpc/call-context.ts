import { X509Certificate } from 'node:crypto';
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { firstIdentity } from '../tls/subject-names.ts';
import type { CallContext } from './handlers.ts';

type AnyCall = ServerUnaryCall<Uint8Array, Uint8Array> | ServerWritableStream<Uint8Array, Uint8Array>;

/** A call as handlers see it. The certificate is read only by those who ask for the identity. */
export function callContext(call: AnyCall, signal: AbortSignal): CallContext {
  let identity: string | undefined;
  let known = false;
  return {
    signal,
    // Read now: the address of a lost connection is no longer known.
    peer: call.getPeer(),
    get clientIdentity() {
      if (!known) {
        const raw = call.getAuthContext().sslPeerCertificate?.raw;
        identity = raw === undefined ? undefined : firstIdentity(new X509Certificate(raw));
        known = true;
      }
      return identity;
    },
  };
}
