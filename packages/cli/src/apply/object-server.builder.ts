import { type Answers, startApiServer, type TestApiServer } from '../cluster/api-server.builder.ts';
import type { JsonObject } from '../manifest/json.ts';

export interface ObjectServer extends TestApiServer {
  /** By path. */
  readonly objects: Map<string, JsonObject>;
}

/** An API server that keeps what is applied to it, under a few kinds. Deleted objects need one more look to go. */
export async function startObjectServer(
  initial: Readonly<Record<string, JsonObject>> = {},
): Promise<ObjectServer> {
  const objects = new Map(Object.entries(initial));
  const ending = new Set<string>();
  const resource = (name: string, kind: string, namespaced: boolean) => ({ name, kind, namespaced });
  const answers: Answers = {
    '/api/v1': {
      resources: [
        resource('namespaces', 'Namespace', false),
        resource('configmaps', 'ConfigMap', true),
        resource('namespaces/status', 'Namespace', false),
      ],
    },
    '/apis/apps/v1': { resources: [resource('deployments', 'Deployment', true)] },
    '/apis/apiextensions.k8s.io/v1': {
      resources: [resource('customresourcedefinitions', 'CustomResourceDefinition', false)],
    },
  };
  const server = await startApiServer(
    new Proxy(answers, {
      get: (known, path: string) =>
        known[path] ??
        (({ method, body }: { method: string; body: unknown }) => {
          if (method === 'PATCH') objects.set(path, body as JsonObject);
          if (method === 'DELETE') ending.add(path);
          const object = objects.get(path);
          if (method === 'GET' && ending.has(path)) objects.delete(path);
          return object;
        }),
    }),
  );
  return { ...server, objects };
}
