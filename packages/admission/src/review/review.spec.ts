import { describe, expect, it } from '@jest/globals';
import { aReview } from '../testing.ts';
import { decodeReview, type Review } from './decode-review.ts';
import { encodeReview } from './encode-review.ts';

const decode = (document: unknown) => decodeReview(Buffer.from(JSON.stringify(document)));

function reviewOf(document: object): Review {
  const decoded = decode(document);
  if (decoded.type !== 'review') throw new Error(decoded.problem);
  return decoded.review;
}

const answer = (document: object, ...decision: [Parameters<typeof encodeReview>[1]]) =>
  JSON.parse(encodeReview(reviewOf(document), ...decision));

describe('decoding a review', () => {
  it('reads v1 and v1beta1', () => {
    for (const version of ['v1', 'v1beta1']) {
      const review = reviewOf(aReview({}, `admission.k8s.io/${version}`));
      expect(review.request).toMatchObject({ uid: 'u1', name: 'web-1', namespace: 'shop', dryRun: false });
    }
  });

  it('takes an absent or null name and namespace as empty', () => {
    const { request } = reviewOf(aReview({ name: null, namespace: undefined, dryRun: null }));
    expect(request).toMatchObject({ name: '', namespace: '', dryRun: false });
  });

  it.each([
    ['no JSON', '{', /not JSON/],
    ['no object', '[]', /the body of the AdmissionReview/],
    ['an unknown version', JSON.stringify(aReview({}, 'admission.k8s.io/v2')), /apiVersion/],
    ['an empty uid', JSON.stringify(aReview({ uid: '' })), /request\.uid/],
    ['no request', JSON.stringify({ ...aReview(), request: undefined }), /request/],
  ])('says what is wrong with %s', (_what, text, problem) => {
    const decoded = decodeReview(Buffer.from(text));
    expect(decoded).toEqual({ type: 'malformed', problem: expect.stringMatching(problem) });
  });
});

describe('encoding a decision', () => {
  it('answers in the version of the question, with the same uid', () => {
    const review = answer(aReview({ uid: 'u7' }, 'admission.k8s.io/v1beta1'), { kind: 'allowed' });
    expect(review).toEqual({
      apiVersion: 'admission.k8s.io/v1beta1',
      kind: 'AdmissionReview',
      response: { uid: 'u7', allowed: true },
    });
  });

  it('carries a patch in base64', () => {
    const patch = [{ op: 'add', path: '/metadata/annotations', value: { 'a/b': 'ü"' } }];
    const { response } = answer(aReview(), { kind: 'allowed', patch });
    expect(response.patchType).toBe('JSONPatch');
    expect(JSON.parse(Buffer.from(response.patch, 'base64').toString())).toEqual(patch);
  });

  it('carries a denial with message and code', () => {
    const { response } = answer(aReview(), { kind: 'denied', message: 'no', code: 400 });
    expect(response).toEqual({ uid: 'u1', allowed: false, status: { message: 'no', code: 400 } });
  });

  it('keeps warnings within what the API server shows', () => {
    const warnings = Array.from({ length: 40 }, () => 'w'.repeat(1000));
    const { response } = answer(aReview(), { kind: 'allowed', warnings });
    expect(response.warnings).toHaveLength(16);
    expect(response.warnings.at(-1)).toBe('25 more warnings are not shown');
    expect(response.warnings.join('').length).toBeLessThanOrEqual(4096);
  });
});
