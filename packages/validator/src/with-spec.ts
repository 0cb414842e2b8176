import { z } from 'zod';

/** An object of which only the spec matters here; Kubernetes itself checks the rest. */
export function withSpec<S extends z.ZodType>(spec: S) {
  return z.looseObject({ spec });
}
