import { z } from "zod";
import { entrySchema, type Entry } from "./entry.ts";

/** One page of the listing, as the API granted it. */
export interface Page {
  entries: Entry[];
  page: number;
  /** What the server granted, which may be less than was asked for. */
  perPage: number;
  /** Entries in the registry; null where the API did not say. */
  totalCount: number | null;
}

const oneEntry = z.object({ success: z.literal(true), result: entrySchema });

const entryList = z.object({
  success: z.literal(true),
  result: z.array(entrySchema),
  result_info: z
    .object({
      page: z.number().int(),
      per_page: z.number().int().positive(),
      total_count: z.number().int().nonnegative(),
    })
    .partial()
    .nullish(),
});

const refusal = z.object({
  success: z.literal(false),
  errors: z.array(z.object({ code: z.number().optional(), message: z.string().optional() })),
});

/** The entry of an answer with status 200; null where the body is anything else. */
export function parseEntryAnswer(body: unknown): Entry | null {
  return oneEntry.safeParse(body).data?.result ?? null;
}

/** The page of an answer with status 200; null where the body is anything else. */
export function parsePageAnswer(body: unknown, asked: { page: number; perPage: number }): Page | null {
  const { data } = entryList.safeParse(body);
  if (data === undefined) return null;
  return {
    entries: data.result,
    page: data.result_info?.page ?? asked.page,
    perPage: data.result_info?.per_page ?? asked.perPage,
    totalCount: data.result_info?.total_count ?? null,
  };
}

/** Codes and messages of the envelope of a refused call; null where the body is no such envelope. */
export function parseRefusal(body: unknown): { codes: number[]; messages: string[] } | null {
  const { data } = refusal.safeParse(body);
  if (data === undefined) return null;
  return {
    codes: data.errors.flatMap(({ code }) => code ?? []),
    messages: data.errors.flatMap(({ message }) => message ?? []),
  };
}
