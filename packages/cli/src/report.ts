/** Ends the process with the status of what was done, or with one line that says why it was not. */
export async function report(work: Promise<number>): Promise<void> {
  try {
    process.exitCode = await work;
  } catch (error) {
    process.stderr.write(`weft: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
