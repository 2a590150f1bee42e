import type { DemoEntry } from "./demo-entry.ts";
import { seededRandom } from "./random.ts";
import { FAMILY_NAMES, GIVEN_NAMES, TITLES } from "./sample-names.ts";

export interface SampleRegistryOptions {
  /** Entries, default 200. */
  size?: number;
  /** The same seed gives the same registry, default 1. */
  seed?: number;
  /** The share of entries that are synced from a directory, 0 to 1, default 0.2. */
  syncedShare?: number;
}

const DIRECTORIES = [
  { provenance: "SNOOPY-OFFICE_365", id: 17 },
  { provenance: "SNOOPY-CASB_OFFICE_365", id: 23 },
  { provenance: "SNOOPY-GOOGLE_DIRECTORY", id: 31 },
] as const;

/** The protected people of an invented company. A few entries are regular expressions, and a few share the address of another. */
export function sampleRegistry({ size = 200, seed = 1, syncedShare = 0.2 }: SampleRegistryOptions = {}): DemoEntry[] {
  const random = seededRandom(seed);
  const firstDay = Date.UTC(2024, 0, 8, 9);
  let lastMailbox = "";
  return Array.from({ length: size }, (_, n) => {
    const given = random.pick(GIVEN_NAMES);
    const family = random.pick(FAMILY_NAMES);
    const shares = lastMailbox !== "" && random.chance(0.015);
    const mailbox = shares ? lastMailbox : `${plain(given)}.${plain(family)}${n}`;
    lastMailbox = mailbox;
    const directory = random.chance(syncedShare) ? random.pick(DIRECTORIES) : null;
    const isRegex = directory === null && !shares && random.chance(0.02);
    const createdAt = new Date(firstDay + n * 61_000).toISOString();
    const changedAt = new Date(firstDay + n * 61_000 + random.int(0, 300) * 86_400_000).toISOString();
    return {
      id: random.uuid(),
      name: `${given} ${family}`,
      email: isRegex ? `^${mailbox.replaceAll(".", "\\.")}(\\+.*)?@example\\.com$` : `${mailbox}@example.com`,
      is_email_regex: isRegex,
      comments: random.chance(0.6) ? random.pick(TITLES) : null,
      provenance: directory?.provenance ?? "A1S_INTERNAL",
      directory_id: directory?.id ?? null,
      directory_node_id: directory === null ? null : 100_000 + n,
      external_directory_node_id: directory === null ? null : `node-${n}`,
      created_at: createdAt,
      modified_at: changedAt,
      last_modified: changedAt,
    };
  });
}

/** A name as it stands in an address: `Zoë Müller` → `zoe`, `muller`. */
function plain(name: string): string {
  return name
    .normalize("NFD")
    .replaceAll(/[^\w-]/g, "")
    .toLowerCase();
}
