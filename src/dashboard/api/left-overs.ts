import { open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RequestError } from "../../explained-error.ts";
import { fileTrouble } from "../../file-trouble.ts";
import { LEFT_OVER_FILES } from "../../schedules/left-overs.ts";
import { answersOf } from "../problem.ts";
import type { Route } from "../route.ts";
import { oneSchedule } from "../facts/schedules.ts";
import { ScheduleParams } from "./schedules.ts";

const Params = ScheduleParams.extend({ file: z.enum(Object.values(LEFT_OVER_FILES)) });

/** What only the list or only the registry has, as the newest planned occasion wrote it, where its folder is on this machine. */
export const leftOversFile: Route = (app, desk) => {
  app.get(
    "/api/v1/schedules/:schedule/left-overs/:file",
    {
      config: { right: "viewer" },
      schema: {
        params: Params,
        summary: "What only the list, or only the registry, has, in full",
        tags: ["schedules"],
        response: answersOf("the file", { "text/csv": z.string() }),
      },
    },
    async (request, reply) => {
      const { schedule: name, file } = request.params as z.output<typeof Params>;
      const { lastPlanned } = await oneSchedule(desk, name);
      const folder = lastPlanned?.leftOversDir ?? null;
      if (folder === null) throw notFound(`no occasion of ${name} has written ${file} yet`, "wait for its next one");
      const path = join(folder, file);
      const opened = await open(path).catch((error: unknown) => {
        throw notFound(`${path} can't be read here (${fileTrouble(error)})`, "look on the machine that reads the list");
      });
      void reply.header("content-disposition", `attachment; filename="${name}-${file}"`);
      return await reply.type("text/csv; charset=utf-8").send(opened.createReadStream());
    },
  );
};

function notFound(message: string, remedy: string): RequestError {
  return new RequestError("left_overs_not_found", message, remedy);
}
