import type { PglitePool } from "./pglite-pool.ts";

const MB = 1024 * 1024;
/** How often to look, in turns: one may write a quarter of a megabyte. */
const LOOK_EVERY = 50;
/** So much new log is worth a tidy-up: an opening after a kill has to read it all. */
const WHILE_WORKING = 32 * MB;
const WHEN_CLOSING = 2 * MB;

/**
 * Does what PostgreSQL's background processes do elsewhere, as PGlite has none: frees the space of removed rows, and writes
 * a checkpoint, which lets the log shrink. Takes a turn of some 50 ms every 10,000 rows or so.
 */
export async function startVacuum(pool: PglitePool): Promise<{ close(): Promise<void> }> {
  const lookIfWritten = async (bytes: number): Promise<void> => {
    const { rows } = await pool.query(LOG_POSITION);
    const now = Number(rows[0]?.["position"]);
    if (now - tidyAt < bytes) return;
    tidyAt = now;
    await pool.query("VACUUM");
    await pool.query("CHECKPOINT");
  };
  let tidyAt = Number((await pool.query(LOG_POSITION)).rows[0]?.["position"]);
  let turns = 0;
  // What fails here fails again for somebody who waits for it.
  pool.onTurn(() => {
    if (++turns % LOOK_EVERY === 0) lookIfWritten(WHILE_WORKING).catch(() => {});
  });
  return { close: () => lookIfWritten(WHEN_CLOSING) };
}

const LOG_POSITION = "SELECT pg_current_wal_insert_lsn() - '0/0' AS position";
