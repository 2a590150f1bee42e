import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { makeProgram } from "../../src/cli/program.ts";

/** Where a command is called, and with what. */
export interface CallOptions {
  folder: string;
  /** All of its environment. */
  env: Record<string, string>;
  stdin: string;
}

export interface EndedCall {
  code: number;
  stdout: string;
  stderr: string;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Calls the command line in this process, with a folder, an environment and streams of its own. One call at a time: a process has one of
 * each.
 */
export async function callHere(args: readonly string[], options: CallOptions): Promise<EndedCall> {
  const call = last.then(() => callAlone(args, options));
  last = call.catch(() => undefined);
  return await call;
}

async function callAlone(args: readonly string[], { folder, env, stdin }: CallOptions): Promise<EndedCall> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const printed = Promise.all([buffer(stdout), buffer(stderr)]);
  const argv = [process.execPath, "bulkpatch", ...args];
  const restore = replaceInProcess({ argv, env: { ...env }, stdin: Readable.from([stdin]), stdout, stderr, exit });
  const before = { folder: process.cwd(), exitCode: process.exitCode };
  process.chdir(folder);
  process.exitCode = undefined;
  let code: number;
  try {
    const program = await makeProgram(args);
    await program.parseAsync(argv);
    code = codeOfProcess();
  } catch (error) {
    if (!(error instanceof CallExit)) throw error;
    code = error.code;
  } finally {
    process.exitCode = before.exitCode;
    process.chdir(before.folder);
    restore();
    stdout.end();
    stderr.end();
  }
  const [out, err] = await printed;
  return { code, stdout: out.toString(), stderr: err.toString() };
}

/** Answers how to put back what was there. */
function replaceInProcess(parts: Record<string, unknown>): () => void {
  const before = Object.keys(parts).map((name) => [name, Object.getOwnPropertyDescriptor(process, name)!] as const);
  for (const [name, value] of Object.entries(parts))
    Object.defineProperty(process, name, { configurable: true, enumerable: true, writable: true, value });
  return () => {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor);
  };
}

function codeOfProcess(): number {
  return Number(process.exitCode ?? 0);
}

/** In the place of `process.exit`, which ends the call alone. */
function exit(code: number): never {
  throw new CallExit(code);
}

class CallExit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`the command ended with ${code}`);
    this.code = code;
  }
}
