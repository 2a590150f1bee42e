import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Validators } from "../changes/https-bytes.ts";
import { isPublicAddress } from "../changes/public-address.ts";
import { SourceError } from "../changes/source.ts";
import type { ProxySettings } from "../proxy.ts";
import type { ScheduleSettings } from "./schedule.ts";

/** A schedule's source, at hand as a file. */
export interface TakenSource {
  path: string;
  /** When its content changed last, as the file system or the server says; null where nobody does. */
  modifiedAt: number | null;
  /** Of an https source, instead of the copy's own. */
  name: string | null;
}

export interface TakeOptions {
  schedule: string;
  source: ScheduleSettings["source"];
  /** Absolute; copies of https sources are kept here, so that an unchanged one need not be sent again. */
  copies: string;
  /** A value of the environment, by its name. */
  environment: (name: string) => string | undefined;
  /** Certificate authorities (PEM) to trust instead of the system's. */
  ca?: string;
  /** For https sources; default: none. */
  proxy?: ProxySettings;
}

export function isHttps(address: string): boolean {
  return /^https:\/\//i.test(address);
}

/** Gets a schedule's source. Throws SourceError where it can't be reached. */
export async function takeSource(options: TakeOptions): Promise<TakenSource> {
  const { address } = options.source;
  if (isHttps(address)) return await takeHttps(options);
  const modifiedAt = await stat(address).then(
    ({ mtimeMs }) => mtimeMs,
    () => null, // what is wrong with it is said when it is opened
  );
  return { path: address, modifiedAt, name: null };
}

async function takeHttps({ schedule, source, copies, environment, ca, proxy }: TakeOptions): Promise<TakenSource> {
  await mkdir(copies, { recursive: true, mode: 0o700 });
  const path = join(copies, schedule);
  const known = await readKept(path, source.address);
  const isAllowed = source.read.allowPrivateAddress === true ? () => true : isPublicAddress;
  const token = source.tokenFrom === null ? undefined : tokenFrom(source.tokenFrom, environment);
  const { openHttpsIfChanged } = await import("../changes/https-bytes.ts");
  const bytes = await openHttpsIfChanged(source.address, { isAllowed, ca, token, proxy }, known);
  if (bytes === null) return { path, modifiedAt: timeOf(known.lastModified), name: known.name };
  const { name, etag, lastModified } = bytes;
  const fresh = `${path}.${process.pid}.part`;
  try {
    await pipeline(bytes.chunks, createWriteStream(fresh, { mode: 0o600 }));
    await rm(`${path}.json`, { force: true }); // between the two renamings nothing is known rather than something wrong
    await rename(fresh, path);
    const kept: Kept = { address: source.address, name, etag, lastModified };
    await writeFile(`${path}.json`, JSON.stringify(kept), { mode: 0o600 });
  } finally {
    await bytes.close();
    await rm(fresh, { force: true });
  }
  return { path, modifiedAt: timeOf(lastModified), name };
}

interface Kept extends Validators {
  address: string;
  name: string;
}

/** What is known of the copy; nothing where there is none, or of another address. */
async function readKept(path: string, address: string): Promise<Kept> {
  const nothing = { address, name: "", etag: null, lastModified: null };
  try {
    await stat(path);
    const kept = JSON.parse(await readFile(`${path}.json`, "utf8")) as Kept;
    return kept.address === address ? kept : nothing;
  } catch {
    return nothing;
  }
}

function tokenFrom(variable: string, environment: TakeOptions["environment"]): string {
  const token = environment(variable);
  if (token !== undefined && token !== "") return token;
  throw new SourceError(
    "token_missing",
    `expected the bearer token of the source in the environment variable ${variable}, found none`,
    `set ${variable} where the schedules are kept`,
  );
}

function timeOf(httpDate: string | null): number | null {
  const time = httpDate === null ? Number.NaN : Date.parse(httpDate);
  return Number.isNaN(time) ? null : time;
}
