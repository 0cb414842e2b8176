import { z } from 'zod';
import type { AdmissionRequest } from './review.ts';

/** The versions of AdmissionReview that are answered, each in its own. */
export const reviewVersions = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const;
export type ReviewVersion = (typeof reviewVersions)[number];

export interface Review {
  readonly apiVersion: ReviewVersion;
  readonly request: AdmissionRequest;
}

export type DecodedReview =
  | { readonly type: 'review'; readonly review: Review }
  /** Says what is wrong, naming the field. */
  | { readonly type: 'malformed'; readonly problem: string };

/** To Kubernetes a field that is null is a field that is absent. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? '');

const reviewSchema = z.object({
  apiVersion: z.enum(reviewVersions),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    kind: z.object({ group: optionalText, version: z.string(), kind: z.string() }),
    name: optionalText,
    namespace: optionalText,
    operation: z.string(),
    dryRun: z
      .boolean()
      .nullish()
      .transform((dryRun) => dryRun ?? false),
    object: z.unknown(),
    oldObject: z.unknown(),
  }),
});

/** Reads the body of a webhook call. */
export function decodeReview(body: Buffer): DecodedReview {
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch (error) {
    return { type: 'malformed', problem: `the body is not JSON: ${(error as Error).message}` };
  }
  const parsed = reviewSchema.safeParse(document);
  if (parsed.success) {
    const { apiVersion, request } = parsed.data;
    return { type: 'review', review: { apiVersion, request } };
  }
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'the body';
  return { type: 'malformed', problem: `${field} of the AdmissionReview: ${issue?.message}` };
}
