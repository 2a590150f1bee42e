import type { Socket } from "node:net";

/** What comes in on a socket, line by line. Lines end at LF alone: `readline` would also cut at U+2028, which JSON may hold. */
export async function* linesOf(socket: Socket): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of socket.setEncoding("utf8") as AsyncIterable<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
