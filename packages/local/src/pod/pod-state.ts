import type { ContainerState } from './container-supervisor.ts';

/** Where a pod is in its life. */
export type PodState =
  | { readonly state: 'pending' }
  | { readonly state: 'initializing' }
  | { readonly state: 'running' }
  | { readonly state: 'terminating'; readonly since: Date }
  | { readonly state: 'ended'; readonly phase: 'Succeeded' | 'Failed'; readonly reason: string };

export type PodEvent =
  | { readonly event: 'network-ready' }
  | { readonly event: 'initialized' }
  | { readonly event: 'stop'; readonly at: Date }
  | { readonly event: 'completed' }
  | { readonly event: 'failed'; readonly reason: string };

/** The one place where a pod changes its state; events that come too late change nothing. */
export function nextPodState(state: PodState, event: PodEvent): PodState {
  if (state.state === 'ended') return state;
  switch (event.event) {
    case 'network-ready':
      return state.state === 'pending' ? { state: 'initializing' } : state;
    case 'initialized':
      return state.state === 'initializing' ? { state: 'running' } : state;
    case 'stop':
      return state.state === 'terminating' ? state : { state: 'terminating', since: event.at };
    case 'completed':
      return { state: 'ended', phase: 'Succeeded', reason: 'Completed' };
    case 'failed':
      return { state: 'ended', phase: 'Failed', reason: event.reason };
  }
}

/** The phase that Kubernetes shows for a state; a pod that is being stopped keeps running in its eyes. */
export function phaseOf(state: PodState): 'Pending' | 'Running' | 'Succeeded' | 'Failed' {
  switch (state.state) {
    case 'pending':
    case 'initializing':
      return 'Pending';
    case 'running':
    case 'terminating':
      return 'Running';
    case 'ended':
      return state.phase;
  }
}

/** A pod is ready while it runs and each of its containers and native sidecars is. */
export function isPodReady(state: PodState, containers: readonly ContainerState[]): boolean {
  return (
    state.state === 'running' &&
    containers.every((container) => container.state === 'running' && container.ready)
  );
}
