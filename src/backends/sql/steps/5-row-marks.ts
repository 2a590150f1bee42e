/** What rows are found by: their outcome, their code, and why they ended so. */
export const ROW_MARKS = `
  -- Which rows ended with an outcome, or with a code of one kind (row-groups.ts), 1,024 positions in each block. Apart from
  -- run_row, as an index there would cost each row that ends a new version in every index.
  CREATE TABLE bulkpatch.row_mark (
    run_id text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
    mark   text NOT NULL,
    block  integer NOT NULL,
    bits   bit(1024) NOT NULL,
    PRIMARY KEY (run_id, mark, block)
  ) WITH (fillfactor = 50);

  -- Rows that ended alike, with a sample of their messages.
  CREATE TABLE bulkpatch.cause (
    run_id  text NOT NULL REFERENCES bulkpatch.run ON DELETE CASCADE,
    cause   text NOT NULL,
    count   bigint NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (run_id, cause)
  ) WITH (fillfactor = 50);

  -- For rows that have just ended, each with the place of its group among the groups (g_): marks them and counts their causes,
  -- in order of the keys for the same reason as add_counts.
  CREATE FUNCTION bulkpatch.mark_rows(p_run text, p_n integer[], p_group integer[],
    g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer
  ) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO bulkpatch.row_mark AS m (run_id, mark, block, bits)
    SELECT p_run, k.mark, f.n / 1024, bit_or(set_bit(0::bit(1024), f.n % 1024, 1))
      FROM unnest(p_n, p_group) AS f (n, g)
     CROSS JOIN LATERAL (VALUES (g_outcome[f.g]), (g_mark[f.g])) AS k (mark)
     WHERE k.mark IS NOT NULL GROUP BY 2, 3 ORDER BY 2, 3
    ON CONFLICT (run_id, mark, block) DO UPDATE SET bits = m.bits | excluded.bits;

    INSERT INTO bulkpatch.cause AS c (run_id, cause, count, message)
    SELECT p_run, f.cause, count(*), min(g_message[f.g]) FROM (
      SELECT i.g, CASE WHEN known.count + i.g <= p_causes
                        OR EXISTS (SELECT FROM bulkpatch.cause WHERE run_id = p_run AND cause = g_cause[i.g])
                       THEN g_cause[i.g] ELSE g_rest[i.g] END AS cause
        FROM unnest(p_group) AS i (g), (SELECT count(*) FROM bulkpatch.cause WHERE run_id = p_run) AS known
    ) f GROUP BY f.cause ORDER BY f.cause
    ON CONFLICT (run_id, cause) DO UPDATE SET count = c.count + excluded.count;
  END $$;

  DROP FUNCTION bulkpatch.record;
  -- Row by row, as each is then found by its key, whatever the planner knows of the table; in order of n for the same
  -- reason as above. Answers how many had not ended before.
  CREATE FUNCTION bulkpatch.record(p_run text, p_n integer[], p_ended text[], p_group integer[],
    g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer
  ) RETURNS integer LANGUAGE plpgsql AS $$
  DECLARE
    v record;
    v_n integer[] := '{}';
    v_group integer[] := '{}';
  BEGIN
    FOR v IN SELECT * FROM unnest(p_n, p_ended, p_group) AS i (n, ended, g) ORDER BY i.n LOOP
      UPDATE bulkpatch.run_row SET outcome = g_outcome[v.g], ended = v.ended
       WHERE run_id = p_run AND n = v.n AND outcome IS NULL;
      IF FOUND THEN
        v_n := v_n || v.n;
        v_group := v_group || v.g;
      END IF;
    END LOOP;
    IF cardinality(v_n) > 0 THEN
      PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
      PERFORM bulkpatch.add_counts(p_run, array_agg(c.outcome), array_agg(c.count))
         FROM (SELECT g_outcome[g] AS outcome, count(*) AS count FROM unnest(v_group) AS f (g) GROUP BY 1) c;
    END IF;
    RETURN cardinality(v_n);
  END $$;

  -- Rows that come with an end have the place of its group, others 0. False where the lease has another token.
  CREATE FUNCTION bulkpatch.stage(p_run text, p_n integer[], p_given text[], p_ended text[], p_group integer[],
    g_outcome text[], g_mark text[], g_cause text[], g_rest text[], g_message text[], p_causes integer,
    p_lease text, p_token bigint
  ) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    v_rows bigint;
    v_n integer[];
    v_group integer[];
  BEGIN
    IF p_lease IS NOT NULL THEN
      PERFORM FROM bulkpatch.lease WHERE name = p_lease AND token = p_token FOR SHARE;
      IF NOT FOUND THEN RETURN false; END IF;
    END IF;
    WITH fresh AS (
      INSERT INTO bulkpatch.run_row (run_id, n, given, outcome, ended)
      SELECT p_run, i.n, i.given, g_outcome[i.g], i.ended FROM unnest(p_n, p_given, p_ended, p_group) AS i (n, given, ended, g)
      ON CONFLICT DO NOTHING RETURNING n
    ) SELECT count(*), array_agg(i.n) FILTER (WHERE i.g > 0), array_agg(i.g) FILTER (WHERE i.g > 0) INTO v_rows, v_n, v_group
        FROM unnest(p_n, p_group) AS i (n, g) JOIN fresh USING (n);
    IF v_n IS NOT NULL THEN
      PERFORM bulkpatch.mark_rows(p_run, v_n, v_group, g_outcome, g_mark, g_cause, g_rest, g_message, p_causes);
    END IF;
    PERFORM bulkpatch.add_counts(p_run, array_agg(c.what), array_agg(c.count))
       FROM (SELECT 'rows' AS what, v_rows AS count
              UNION ALL SELECT g_outcome[g], count(*) FROM unnest(v_group) AS f (g) GROUP BY 1) c;
    RETURN true;
  END $$;
`;
