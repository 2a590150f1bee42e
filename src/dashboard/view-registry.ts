import { z } from "zod";

/** Schemas that have a name in openapi.json. A registry of our own: what else uses zod in this process has no say in it. */
export const VIEWS = z.registry<{ id: string }>();
