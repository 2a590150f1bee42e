/** Requests by the minute. */
export const TRAFFIC = `
  -- Requests by the minute (milliseconds since 1970), of a run ('run:…') and of an account ('account:…').
  CREATE TABLE bulkpatch.traffic (
    scope    text NOT NULL,
    minute   double precision NOT NULL,
    kind     text NOT NULL,
    status   text NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (scope, minute, kind, status)
  ) WITH (fillfactor = 50);

  -- Each minute is counted in each scope; what is a day older than the newest of them is forgotten.
  CREATE FUNCTION bulkpatch.add_requests(p_run text, p_what text[], p_count bigint[], p_scope text[], p_kept double precision,
    p_minute double precision[], p_kind text[], p_status text[], p_requests bigint[]
  ) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM bulkpatch.add_counts(p_run, p_what, p_count);
    IF cardinality(p_minute) = 0 OR NOT EXISTS (SELECT FROM bulkpatch.run WHERE id = p_run) THEN RETURN; END IF;
    INSERT INTO bulkpatch.traffic AS t (scope, minute, kind, status, requests)
    SELECT s.scope, c.minute, c.kind, c.status, c.requests
      FROM unnest(p_scope) AS s (scope), unnest(p_minute, p_kind, p_status, p_requests) AS c (minute, kind, status, requests)
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (scope, minute, kind, status) DO UPDATE SET requests = t.requests + excluded.requests;
    DELETE FROM bulkpatch.traffic WHERE scope = ANY (p_scope) AND minute < (SELECT max(m) FROM unnest(p_minute) AS u (m)) - p_kept;
  END $$;
`;
