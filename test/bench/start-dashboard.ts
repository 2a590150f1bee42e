import { get } from "node:http";
import type { Desk } from "../e2e/run-cli.ts";
import { until } from "../until.ts";

const TOKEN = "operator-token-of-the-bench";

/** `bulkpatch serve --no-work` as a process of its own. It ends with its desk. */
export interface Dashboard {
  address: string;
  pid: number;
  /** The body of a page or an answer. Throws where it is no 200. */
  ask(path: string): Promise<string>;
  /** An event stream; `onText` hears what comes. Answers how to leave. */
  listen(onText: (text: string) => void): () => void;
}

export async function startDashboard(desk: Desk): Promise<Dashboard> {
  const { child, output } = desk.start(["serve", "--port", "0", "--no-work"], {
    env: { BULKPATCH_DASHBOARD_TOKEN: TOKEN },
  });
  const address = await until("the dashboard listens", () => {
    if (child.exitCode !== null) throw new Error(`serve ended: ${output().stderr}`);
    return /The dashboard is at (\S+)\/ /.exec(output().stderr)?.[1];
  });
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    address,
    pid: child.pid!,
    ask: (path) =>
      new Promise((resolve, reject) => {
        get(`${address}${path}`, { headers }, (answer) => {
          let body = "";
          answer.setEncoding("utf8").on("data", (text: string) => (body += text));
          answer.once("end", () => {
            if (answer.statusCode === 200) resolve(body);
            else reject(new Error(`${path} was answered ${answer.statusCode}: ${body.slice(0, 200)}`));
          });
        }).once("error", reject);
      }),
    listen: (onText) => {
      const request = get(`${address}/api/v1/events`, { headers, agent: false }, (answer) => {
        answer.setEncoding("utf8").on("data", onText);
        answer.once("error", () => undefined); // it was left
      });
      request.once("error", () => undefined);
      return () => void request.destroy();
    },
  };
}
