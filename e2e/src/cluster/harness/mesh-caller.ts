import {
  create,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { Leaf } from '../../harness/control-plane.ts';
import { get } from './kubectl.ts';
import type { TestNamespace } from './test-namespace.ts';

/** Where a service of the control plane listens. */
export interface ControlPlaneService {
  readonly service: string;
  readonly port: number;
  /** The service account, whose identity it proves. */
  readonly account: string;
}

export const IDENTITY = { service: 'linkerd-identity', port: 8080, account: 'linkerd-identity' } as const;
export const DESTINATION = { service: 'linkerd-dst', port: 8086, account: 'linkerd-destination' } as const;
export const POLICY = { service: 'linkerd-policy', port: 8090, account: 'linkerd-destination' } as const;

export type Answered<M extends DescMethod> =
  | { readonly code: 0; readonly answer: MessageShape<M['output']> }
  /** A code of gRPC; negative when there was not even a connection. */
  | { readonly code: number; readonly message: string };

interface Printed {
  readonly code: number;
  readonly message: string;
  readonly answer: string;
}

/** Calls the control plane from inside a pod without a proxy. */
export class MeshCaller {
  readonly #namespace: TestNamespace;
  readonly #workload: string;
  readonly #anchors: string;

  private constructor(namespace: TestNamespace, workload: string, anchors: string) {
    this.#namespace = namespace;
    this.#workload = workload;
    this.#anchors = anchors;
  }

  static async in(namespace: TestNamespace, workload: string): Promise<MeshCaller> {
    const roots = ['configmap', 'linkerd-identity-trust-roots', '-n', 'linkerd'];
    const { data } = await get<{ data: Readonly<Record<string, string>> }>(...roots);
    return new MeshCaller(namespace, workload, data['ca-bundle.crt']!);
  }

  /** The first message of an answer, or the status in its place. */
  async call<M extends DescMethod>(
    { service, port, account }: ControlPlaneService,
    method: M,
    request: MessageInitShape<M['input']>,
    leaf?: Leaf,
  ): Promise<Answered<M>> {
    const bytes = toBinary(method.input, create(method.input as M['input'], request));
    const printed = await this.#namespace.inside(
      this.#workload,
      'grpc.mjs',
      `${service}.linkerd.svc.cluster.local`,
      String(port),
      `${account}.linkerd.serviceaccount.identity.linkerd.cluster.local`,
      `/${method.parent.typeName}/${method.name}`,
      Buffer.from(bytes).toString('base64'),
      JSON.stringify({ anchors: this.#anchors, ...leaf }),
    );
    const { code, message, answer } = JSON.parse(printed) as Printed;
    if (code !== 0) return { code, message };
    return { code: 0, answer: fromBinary(method.output as M['output'], Buffer.from(answer, 'base64')) };
  }
}
