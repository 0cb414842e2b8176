import type { Environment } from './environment.ts';

interface WithoutEffect {
  readonly name: string;
  /** What to say to somebody who counts on it; null where nobody is misled. */
  readonly advice: string | null;
}

const whoMay = 'it has no effect: policies say who may connect (AuthorizationPolicy, default policy)';

/** Variables of Linkerd's charts that neither Linkerd's proxy nor this one heeds. */
const withoutEffect: readonly WithoutEffect[] = [
  { name: 'INBOUND_PORTS_REQUIRE_IDENTITY', advice: whoMay },
  { name: 'INBOUND_PORTS_REQUIRE_TLS', advice: whoMay },
  { name: 'TRACE_ANNOTATIONS_PATH', advice: null },
  { name: 'TRACE_PROTOCOL', advice: null },
];

/** Warns of variables that would be counted on in vain. */
export function readWithoutEffect(env: Environment): void {
  for (const { name, advice } of withoutEffect) {
    const text = env.text(name)?.trim() ?? '';
    if (text !== '' && advice !== null) env.warn(name, advice);
  }
}
