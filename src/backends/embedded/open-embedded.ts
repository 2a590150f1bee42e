import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../backend.ts";
import { BackendError } from "../backend-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { makeFolder } from "./make-folder.ts";
import { openAsGuest } from "./open-as-guest.ts";
import { openAsOwner } from "./open-as-owner.ts";
import { describeOwner, readOwner } from "./owner.ts";
import { joinOwner } from "./relay-client.ts";
import { relayPath } from "./relay-protocol.ts";

/** How long to wait for an owner that holds the folder and does not listen yet, because it starts, or any more, because it ends. */
const OWNER_TIMEOUT_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/**
 * Opens the backend in a folder, which is made where there is none. The first process owns it and does the work; others are
 * its guests, who look and control. Throws BackendError.
 */
export async function openEmbedded(folder: string): Promise<Backend> {
  const dataDir = makeFolder(folder);
  const giveUpAt = performance.now() + OWNER_TIMEOUT_MS;
  for (;;) {
    const lock = lockFolder(dataDir);
    if (lock !== null) return openAsOwner(dataDir, lock);
    const relay = await joinOwner(relayPath(dataDir), dataDir);
    if (relay !== null) return openAsGuest(dataDir, relay);
    if (performance.now() > giveUpAt) {
      throw new BackendError(
        "folder_in_use",
        `${describeOwner(await readOwner(dataDir))} holds ${dataDir} and does not answer`,
        "Wait until it is done, or stop it; or name another folder with BULKPATCH_DATA_DIR",
      );
    }
    await sleep(LOOK_AGAIN_MS);
  }
}
