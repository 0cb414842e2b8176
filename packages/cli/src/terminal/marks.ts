import pc from 'picocolors';

/** The signs in front of results. */
export interface Marks {
  readonly ok: string;
  readonly warning: string;
  readonly error: string;
}

/** Signs in colour for people, plain for programs. */
export function marks(colours: boolean): Marks {
  const { green, yellow, red } = pc.createColors(colours);
  return { ok: green('√'), warning: yellow('‼'), error: red('×') };
}
