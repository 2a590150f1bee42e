import { PassThrough } from "node:stream";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { RequestError } from "../../explained-error.ts";
import { answersOf } from "../problem.ts";
import type { Route } from "../route.ts";
import { type Notice, Watcher } from "./watcher.ts";

const HEARTBEAT_MS = 15_000;
/** A browser has one for all its tabs. */
const MOST_STREAMS = 500;
/** A reader that is so far behind is let go: it comes back and is told where things stand. */
const MOST_BEHIND = 1024 * 1024;

/** Server-sent events: what happens, as it happens, and after a lost connection what was missed. */
export const eventsRoute: Route = (app, desk) => {
  const watcher = new Watcher(desk);
  const streams = new Set<PassThrough>();

  app.addHook("preClose", async () => {
    watcher.stop();
    for (const stream of streams) stream.end();
  });

  app.get(
    "/api/v1/events",
    {
      config: { right: "viewer" },
      schema: {
        summary: "What happens, as server-sent events (answers to Last-Event-ID)",
        tags: ["events"],
        response: answersOf("an endless stream", { "text/event-stream": z.string() }),
      },
    },
    async (request, reply) => {
      if (streams.size >= MOST_STREAMS)
        throw new RequestError("too_many_streams", "too many event streams are open", "close some tabs, or try later");
      const stream = new PassThrough({ highWaterMark: MOST_BEHIND });
      streams.add(stream);
      stream.write("retry: 2000\n\n");
      const stopListening = await watcher.listen(lastIdOf(request), (notice) => write(stream, notice));
      const heart = setInterval(() => void beat(), HEARTBEAT_MS);
      // A session that was ended elsewhere, or ran out, hears no more.
      const beat = async (): Promise<void> => {
        const isKnown = await desk.door.visitorOf(request).catch(() => request.visitor);
        if (isKnown === null) stream.end();
        else stream.write(": still here\n\n");
      };
      stream.once("close", () => {
        clearInterval(heart);
        stopListening();
        streams.delete(stream);
      });
      request.raw.once("close", () => stream.destroy());
      void reply.header("cache-control", "no-store").header("x-accel-buffering", "no");
      return await reply.type("text/event-stream").send(stream);
    },
  );
};

function lastIdOf(request: FastifyRequest): string | null {
  const id = request.headers["last-event-id"];
  return typeof id === "string" && id !== "" ? id : null;
}

function write(stream: PassThrough, { name, id, data }: Notice): void {
  if (stream.writableLength > MOST_BEHIND) return void stream.destroy();
  stream.write(`event: ${name}\n${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
}
