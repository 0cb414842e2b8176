import { z } from 'zod';
import { ApiError, codeOfStatus } from './api-error.ts';

/** A Kubernetes `Status`: the body of every refusal, and the object of a watch's ERROR event. */
const statusSchema = z.looseObject({
  code: z.int().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z
    .looseObject({ retryAfterSeconds: z.number().min(0).optional() })
    .optional()
    .catch(undefined),
});

/** How much of a message is kept; webhooks and proxies can write whole pages. */
const MAX_MESSAGE = 500;

/**
 * The error that a `Status` stands for. `httpStatus` is what the response had, if any; `retryAfterMs` what its
 * header asked for.
 */
export function errorOfStatus(
  body: unknown,
  target: string,
  { httpStatus, retryAfterMs }: { httpStatus?: number; retryAfterMs?: number } = {},
): ApiError {
  const { data: status } = statusSchema.safeParse(body);
  const code = httpStatus ?? status?.code ?? 500;
  const waitMs = retryAfterMs ?? (status?.details?.retryAfterSeconds ?? 0) * 1000;
  const message = (status?.message ?? (typeof body === 'string' ? body.trim() : '')).slice(0, MAX_MESSAGE);
  return new ApiError(codeOfStatus(code), `${code}${message === '' ? '' : ` ${message}`}`, {
    target,
    status: code,
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    ...(waitMs > 0 ? { retryAfterMs: waitMs } : {}),
  });
}
