import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** The number by which libuv says that the peer has sent its last byte. */
export const END_OF_FILE = -4095;
/** Shutting down what is not connected any more. */
export const NOT_CONNECTED = -constants.errno.ENOTCONN;

/** The error of a system call that ended with a negative number: `read ECONNRESET`. */
export function systemError(status: number, syscall: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`${syscall} ${code}`), { code, errno: status, syscall });
}
