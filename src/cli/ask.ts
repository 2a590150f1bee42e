import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { InterruptedError } from "../explained-error.ts";

/** Shows nothing of what is typed, the line's redrawing included. */
const NOWHERE = new Writable({ write: (_chunk, _encoding, done) => done() });

export interface AskOptions {
  /** Nothing of the answer is shown. */
  hidden?: boolean;
}

/** What was typed before its question appeared: whole lines, and the beginning of one. */
const ahead = { lines: [] as string[], begun: "" };

/**
 * Puts a question on standard error and reads a line from standard input, both terminals; answers it without spaces around it. An
 * answer that is typed before its question appears counts.
 * Throws InterruptedError on Ctrl-C and at the end of the input.
 */
export async function ask(question: string, { hidden = false }: AskOptions = {}): Promise<string> {
  const before = ahead.lines.shift();
  if (before !== undefined) {
    process.stderr.write(`${question}${hidden ? "" : before}\n`);
    return before.trim();
  }
  const prompt = createInterface({ input: process.stdin, output: hidden ? NOWHERE : process.stderr, terminal: true });
  prompt.on("line", (line) => ahead.lines.push(line)); // those after the answer
  const ended = Promise.withResolvers<never>();
  prompt.once("close", () => ended.reject(Object.assign(new Error("the input has ended"), { name: "AbortError" })));
  try {
    if (hidden) process.stderr.write(question);
    const asked = prompt.question(hidden ? "" : question);
    if (ahead.begun !== "") prompt.write(ahead.begun);
    const answer = await Promise.race([asked, ended.promise]);
    if (hidden) process.stderr.write("\n");
    return answer.trim();
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    process.stderr.write("\n");
    throw new InterruptedError("stopped at the question; nothing was changed", "run the same command again");
  } finally {
    ahead.begun = prompt.line;
    prompt.close();
  }
}
