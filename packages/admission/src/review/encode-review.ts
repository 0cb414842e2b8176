import type { Review } from './decode-review.ts';
import type { AdmissionDecision } from './review.ts';

/** The API server cuts a warning beyond this many characters, and drops all that exceed 4096 together. */
const WARNING_LENGTH = 256;
const WARNINGS = 16;

function cut(warning: string): string {
  return warning.length <= WARNING_LENGTH ? warning : `${warning.slice(0, WARNING_LENGTH - 1)}…`;
}

function shownWarnings(warnings: readonly string[]): string[] {
  if (warnings.length <= WARNINGS) return warnings.map(cut);
  const more = warnings.length - WARNINGS + 1;
  return [...warnings.slice(0, WARNINGS - 1).map(cut), `${more} more warnings are not shown`];
}

function responseTo(uid: string, decision: AdmissionDecision): object {
  if (decision.kind === 'denied') {
    const { message, code } = decision;
    return { uid, allowed: false, status: { message, ...(code !== undefined && { code }) } };
  }
  const { patch = [], warnings = [] } = decision;
  return {
    uid,
    allowed: true,
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }),
    ...(warnings.length > 0 && { warnings: shownWarnings(warnings) }),
  };
}

/** The answer, in the version of the question. */
export function encodeReview({ apiVersion, request }: Review, decision: AdmissionDecision): string {
  return JSON.stringify({
    apiVersion,
    kind: 'AdmissionReview',
    response: responseTo(request.uid, decision),
  });
}
