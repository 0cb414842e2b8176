import type { Pod, Resource } from '@weft/kubernetes';
import type { MeshConfig } from './mesh-config.ts';

/** Where computations say what an operator should know. They may say it again at every computation. */
export interface Reporter {
  /** A pod cannot be used as an endpoint with a proxy. */
  unusablePod(pod: Pod, reason: string): void;
  /** An object, or a part of it, is not in force. */
  unusableObject(object: Resource, reason: string): void;
}

/** What computations of answers need besides the cluster. */
export interface AnswerContext {
  readonly config: MeshConfig;
  readonly reporter: Reporter;
}
