import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import type { TestContext } from "vitest";
import { until } from "../until.ts";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

/** A command with a terminal of its own. */
export interface OnTerminal {
  /** What the terminal has shown so far. */
  shown(): string;
  /** Types these keys once a question is shown that was not answered before. */
  type(question: RegExp, keys: string): Promise<void>;
  /** Its exit code. */
  ended(): Promise<number>;
  kill(): void;
}

/** Starts `bulkpatch` with these words, as a shell takes them, on a terminal of its own; the test is skipped where there is no `script`. */
export async function startOnTerminal(
  { skip }: Pick<TestContext, "skip">,
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
  words: string,
): Promise<OnTerminal> {
  const terminal = spawn("script", ["-qec", `"${process.execPath}" "${MAIN}" ${words}`, "/dev/null"], {
    cwd: folder,
    env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const isThere = await new Promise((done) =>
    terminal.once("spawn", () => done(true)).once("error", () => done(false)),
  );
  if (isThere === false) skip("there is no `script` here");
  const exit = once(terminal, "exit");
  let shown = "";
  let answered = 0;
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
  return {
    shown: () => shown,
    type: async (question, keys) => {
      const asked = await until(`it asks ${question}`, () => question.exec(shown.slice(answered)));
      answered += asked.index + asked[0].length;
      terminal.stdin.write(keys);
    },
    ended: async () => ((await exit) as [number])[0],
    kill: () => void terminal.kill("SIGKILL"),
  };
}
