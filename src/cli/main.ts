import { makeProgram } from "./program.ts";

const program = await makeProgram(process.argv.slice(2));
await program.parseAsync(process.argv);
