/** The account that a worker works for. */
export const WORKER_ACCOUNTS = `
  -- Who said that it was alive before this was known works for no account, and says so again within seconds.
  ALTER TABLE bulkpatch.worker ADD COLUMN account_id text NOT NULL DEFAULT '';
`;
