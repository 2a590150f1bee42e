import { serveUntilStopped } from "../serve-until-stopped.ts";
import type { serveUsage } from "../usage/serve.ts";
import type { Work } from "../usage.ts";

export const doServe: Work<typeof serveUsage> = async ({ work }, { config, terminal }) => {
  return await serveUntilStopped({ config, terminal, work });
};
