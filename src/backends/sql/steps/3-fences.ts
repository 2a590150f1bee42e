/** A token for each holder of a lease. */
export const FENCES = `
  -- Each change of a lease's owner has a greater token.
  CREATE SEQUENCE bulkpatch.fence;
  ALTER TABLE bulkpatch.lease ADD COLUMN token bigint NOT NULL DEFAULT 0;
`;
