export { down } from './commands/down.ts';
export { type ExecOptions, execInPod } from './commands/exec.ts';
export { findMeshes, findPod, reportOf } from './commands/find-mesh.ts';
export { type LogsOptions, podLogs } from './commands/logs.ts';
export { type RunOptions, runMesh } from './commands/run.ts';
export { LocalError, type LocalErrorCode } from './errors.ts';
export type { ContainerReport, MeshReport, PodReport } from './mesh/state-file.ts';
export type { RunningMesh } from './sandbox/discover.ts';
