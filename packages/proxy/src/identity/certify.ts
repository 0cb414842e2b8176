/** What is asked of the identity service; all bytes but the token are DER. */
export interface CertifyRequest {
  readonly identity: string;
  /** The content of the token file. */
  readonly token: Buffer;
  readonly csr: Buffer;
}

export interface CertifyResponse {
  readonly leaf: Uint8Array;
  /** From the leaf's issuer towards the anchors. */
  readonly intermediates: readonly Uint8Array[];
  /** Null when the answer left it out. */
  readonly validUntil: Date | null;
}

/** One call of `Identity/Certify`. */
export type Certify = (request: CertifyRequest, signal: AbortSignal) => Promise<CertifyResponse>;
