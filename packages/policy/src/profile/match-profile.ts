import type { ProfileRoute, RequestMatch, ResponseClass, ResponseMatch } from './profile.ts';

/** The first route whose condition holds, or null. `path` is without the query. */
export function matchProfileRoute(
  routes: readonly ProfileRoute[],
  method: string,
  path: string,
): ProfileRoute | null {
  for (let i = 0; i < routes.length; i += 1) {
    if (matchesRequest(routes[i]!.condition, method, path)) return routes[i]!;
  }
  return null;
}

/** The first class that fits a status, or null. */
export function matchResponseClass(classes: readonly ResponseClass[], status: number): ResponseClass | null {
  for (let i = 0; i < classes.length; i += 1) {
    if (matchesStatus(classes[i]!.condition, status)) return classes[i]!;
  }
  return null;
}

/** Whether a status counts as a failure: the first class that fits says; without one, 5xx does. */
export function isFailureStatus(classes: readonly ResponseClass[], status: number): boolean {
  return matchResponseClass(classes, status)?.failure ?? (status >= 500 && status <= 599);
}

function matchesRequest(match: RequestMatch, method: string, path: string): boolean {
  switch (match.kind) {
    case 'all':
      return match.of.every((part) => matchesRequest(part, method, path));
    case 'any':
      return match.of.some((part) => matchesRequest(part, method, path));
    case 'not':
      return !matchesRequest(match.of, method, path);
    case 'path':
      return match.regex.matches(path);
    case 'method':
      return match.method === method;
  }
}

function matchesStatus(match: ResponseMatch, status: number): boolean {
  switch (match.kind) {
    case 'all':
      return match.of.every((part) => matchesStatus(part, status));
    case 'any':
      return match.of.some((part) => matchesStatus(part, status));
    case 'not':
      return !matchesStatus(match.of, status);
    case 'status':
      return status >= match.min && status <= match.max;
  }
}
