/** What the API server asks, the parts that webhooks read; `v1` and `v1beta1` have them in common. */
export interface AdmissionRequest {
  readonly uid: string;
  /** Group, version and kind of the object, as the webhook's rules asked for it. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Empty where the API server is still to make one up from `generateName`. */
  readonly name: string;
  /** Empty for objects of the whole cluster. */
  readonly namespace: string;
  readonly operation: string;
  /** Nothing that outlives the request may come of it. */
  readonly dryRun: boolean;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** One operation of a JSON patch (RFC 6902). */
export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export type AdmissionDecision =
  | {
      readonly kind: 'allowed';
      readonly patch?: readonly PatchOperation[] | undefined;
      /** What is legal but probably not meant; clients show each as a line. */
      readonly warnings?: readonly string[] | undefined;
    }
  | {
      readonly kind: 'denied';
      readonly message: string;
      /** HTTP status the client sees. Absent: the API server's own, 403. */
      readonly code?: number | undefined;
    };

/** Decides about one request. `signal` is aborted when nobody waits for the answer any more. */
export type Admit = (
  request: AdmissionRequest,
  signal: AbortSignal,
) => AdmissionDecision | Promise<AdmissionDecision>;
