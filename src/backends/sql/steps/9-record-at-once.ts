/** Rows are recorded in one statement, with the requests that they took. */
export const RECORD_AT_ONCE = `
  DROP FUNCTION bulkpatch.record;
  -- As before, in one statement, and counts requests in the same step (as add_requests does). Each row is found by its key,
  -- in order of n: the run comes with each row as well, since a planner that knows nothing yet of the table takes the rows of one
  -- run for few, and would go through them all for each row that ended. This leaves it no other way to them than their keys.
  CREATE FUNCTION bulkpatch.record(p_run text, p_n integer[], p_ended text[], p_group integer[],
    g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer,
    r_what text[], r_count bigint[], r_scope text[], r_kept double precision,
    r_minute double precision[], r_kind text[], r_status text[], r_requests bigint[]
  ) RETURNS integer LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  DECLARE
    v_n integer[];
    v_group integer[];
  BEGIN
    WITH fresh AS (
      UPDATE bulkpatch.run_row r SET outcome = g_outcome[i.g], ended = i.ended
        FROM (SELECT p_run AS run, u.* FROM unnest(p_n, p_ended, p_group) AS u (n, ended, g) ORDER BY u.n) i
       WHERE r.run_id = i.run AND r.n = i.n AND r.outcome IS NULL
      RETURNING r.n, i.g
    ) SELECT array_agg(n), array_agg(g) INTO v_n, v_group FROM fresh;
    IF v_n IS NOT NULL THEN
      PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
      PERFORM bulkpatch.add_counts(p_run, array_agg(c.outcome), array_agg(c.count))
         FROM (SELECT g_outcome[g] AS outcome, count(*) AS count FROM unnest(v_group) AS f (g) GROUP BY 1) c;
    END IF;
    IF cardinality(r_what) > 0 THEN
      PERFORM bulkpatch.add_requests(p_run, r_what, r_count, r_scope, r_kept, r_minute, r_kind, r_status, r_requests);
    END IF;
    RETURN coalesce(cardinality(v_n), 0);
  END $$;
`;
