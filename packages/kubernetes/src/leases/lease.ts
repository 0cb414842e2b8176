import { z } from 'zod';
import type { ApiClient } from '../api/api-client.ts';
import { ApiError, isApiError } from '../api/api-error.ts';
import { resourcePath } from '../api/api-resources.ts';

/** A lease (`coordination.k8s.io/v1`) as far as an election reads it. */
export interface Lease {
  /** Empty when nobody holds it. */
  readonly holder: string;
  readonly durationMs: number;
  /** How often the holder has changed. */
  readonly transitions: number;
  /** Changes with every write, so also with every renewal. */
  readonly resourceVersion: string;
}

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** What a candidate writes. An `acquireTime` says that the holder changes. */
export interface LeaseClaim {
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly acquires: boolean;
  /** In ms since the epoch. */
  readonly now: number;
}

const leaseSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1) }),
  spec: z
    .looseObject({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().min(0).nullish(),
      leaseTransitions: z.number().min(0).nullish(),
    })
    .prefault({}),
});

const API_VERSION = 'coordination.k8s.io/v1';

/** The API takes exactly six digits of a second. */
const microTime = (now: number): string => new Date(now).toISOString().replace('Z', '000Z');

function parseLease(answer: unknown, target: string): Lease {
  const parsed = leaseSchema.safeParse(answer);
  if (!parsed.success) throw new ApiError('malformed', 'the answer is not a Lease', { target }, parsed.error);
  const { metadata, spec } = parsed.data;
  return {
    holder: spec.holderIdentity ?? '',
    durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
    transitions: spec.leaseTransitions ?? 0,
    resourceVersion: metadata.resourceVersion,
  };
}

function specOf({ holder, durationMs, transitions, acquires, now }: LeaseClaim): object {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
    leaseTransitions: transitions,
    renewTime: microTime(now),
    ...(acquires ? { acquireTime: microTime(now) } : {}),
  };
}

/** Reads and writes leases. All of it throws `ApiError`. */
export class LeaseApi {
  readonly #api: ApiClient;
  readonly #silenceMs: number;

  /** `silenceMs`: how long an answer may take. */
  constructor(api: ApiClient, silenceMs: number) {
    this.#api = api;
    this.#silenceMs = silenceMs;
  }

  /** Undefined when there is no such lease. */
  async read({ namespace, name }: LeaseName, signal: AbortSignal): Promise<Lease | undefined> {
    const path = resourcePath(API_VERSION, 'leases', { namespace, name });
    try {
      return parseLease(await this.#api.call({ path, silenceMs: this.#silenceMs, signal }), `GET ${path}`);
    } catch (error) {
      if (isApiError(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /** @throws ApiError `conflict` when somebody was first. */
  async create({ namespace, name }: LeaseName, claim: LeaseClaim, signal: AbortSignal): Promise<Lease> {
    const path = resourcePath(API_VERSION, 'leases', { namespace });
    const body = {
      apiVersion: API_VERSION,
      kind: 'Lease',
      metadata: { name, namespace },
      spec: specOf(claim),
    };
    const answer = await this.#api.call({ method: 'POST', path, body, silenceMs: this.#silenceMs, signal });
    return parseLease(answer, `POST ${path}`);
  }

  /** Writes over the version that was read. @throws ApiError `conflict` when it is not the latest. */
  async write(
    { namespace, name }: LeaseName,
    { resourceVersion }: Lease,
    claim: LeaseClaim,
    signal: AbortSignal,
  ): Promise<Lease> {
    const path = resourcePath(API_VERSION, 'leases', { namespace, name });
    const answer = await this.#api.call({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion }, spec: specOf(claim) },
      silenceMs: this.#silenceMs,
      signal,
    });
    return parseLease(answer, `PATCH ${path}`);
  }
}
