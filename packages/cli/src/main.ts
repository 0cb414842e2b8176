import { withSwitchValues } from './options/switch.ts';
import { createProgram } from './program.ts';

const program = createProgram();
await program.parseAsync(withSwitchValues(program, process.argv));
