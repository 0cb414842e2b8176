import { Socket } from 'node:net';

/**
 * Follows the pipe from the command that started the mesh. A word asks for an orderly end; the end of the pipe means
 * that the command is gone, and the mesh with it: when this process ends, the kernel ends everything in it.
 */
export function followLifeline(fd: number, stop: () => void): void {
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('data', stop);
  const gone = () => process.exit(1);
  pipe.on('end', gone);
  pipe.on('error', gone);
}
