import { TERMS } from "../../../budget/ledger.ts";

/**
 * The shared budget: its table and the functions that do what ledger.ts does, line by line. The clock is a parameter, so
 * that the caller says whose it is. As a step of the schema it is never changed once it was released: other terms need a new
 * step that makes the functions again.
 */
export const LEDGER = `
      DROP TABLE bulkpatch.budget;
      DROP FUNCTION bulkpatch.reserve;
      DROP FUNCTION bulkpatch.close_budget;

      -- Times in milliseconds since 1970 by this database's clock. Lists hold the start of a bucket and a count, alternately.
      CREATE TABLE bulkpatch.ledger (
        key            text PRIMARY KEY,
        seen_at        double precision NOT NULL DEFAULT 0,
        shift_ms       double precision NOT NULL DEFAULT 0,
        window_ms      double precision NOT NULL DEFAULT 0,
        number         double precision NOT NULL DEFAULT 0,
        next_fast      double precision NOT NULL DEFAULT 0,
        next_even      double precision NOT NULL DEFAULT 0,
        fast_up_to     double precision NOT NULL DEFAULT 0,
        fast_until     double precision NOT NULL DEFAULT 0,
        slow_ms        double precision NOT NULL DEFAULT 0,
        slow_until     double precision NOT NULL DEFAULT 0,
        adviser        double precision NOT NULL DEFAULT 0,
        adviser_knows  double precision NOT NULL DEFAULT 0,
        stranger_rate  double precision NOT NULL DEFAULT -1,
        stranger_until double precision NOT NULL DEFAULT 0,
        closed_until   double precision NOT NULL DEFAULT 0,
        closed_reason  double precision NOT NULL DEFAULT 0,
        careful_until  double precision NOT NULL DEFAULT 0,
        probe          double precision NOT NULL DEFAULT 0,
        urgent_until   double precision NOT NULL DEFAULT 0,
        answered       double precision[] NOT NULL DEFAULT '{}',
        flying         double precision[] NOT NULL DEFAULT '{}'
      ) WITH (fillfactor = 10);

      -- Of the first entry that is not before the stamp.
      CREATE FUNCTION bulkpatch.ledger_index(l double precision[], stamp double precision) RETURNS integer
        LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        i integer := cardinality(l) + 1;
      BEGIN
        WHILE i > 1 AND l[i - 2] >= stamp LOOP i := i - 2; END LOOP;
        RETURN i;
      END $$;

      CREATE FUNCTION bulkpatch.ledger_add(l double precision[], stamp double precision, count double precision)
        RETURNS double precision[] LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        i integer := bulkpatch.ledger_index(l, stamp);
      BEGIN
        IF l[i] = stamp THEN
          l[i + 1] := l[i + 1] + count;
        ELSE
          l := l[1:i - 1] || ARRAY[stamp, count] || l[i:];
        END IF;
        RETURN l;
      END $$;

      -- Takes out as many as there are, up to the count.
      CREATE FUNCTION bulkpatch.ledger_take(INOUT l double precision[], stamp double precision, count double precision,
                                            OUT taken double precision) LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        i integer := bulkpatch.ledger_index(l, stamp);
      BEGIN
        taken := 0;
        IF l[i] = stamp THEN
          taken := least(count, l[i + 1]);
          IF taken = l[i + 1] THEN
            l := l[1:i - 1] || l[i + 2:];
          ELSE
            l[i + 1] := l[i + 1] - taken;
          END IF;
        END IF;
      END $$;

      CREATE FUNCTION bulkpatch.ledger_since(l double precision[], after double precision) RETURNS double precision[]
        LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        i integer := 1;
      BEGIN
        WHILE i < cardinality(l) AND l[i] <= after LOOP i := i + 2; END LOOP;
        RETURN CASE WHEN i = 1 THEN l ELSE l[i:] END;
      END $$;

      CREATE FUNCTION bulkpatch.ledger_sum(l double precision[], after double precision) RETURNS double precision
        LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        total double precision := 0;
      BEGIN
        FOR i IN 1 .. cardinality(l) BY 2 LOOP
          IF l[i] > after THEN total := total + l[i + 1]; END IF;
        END LOOP;
        RETURN total;
      END $$;

      -- From now until so many have fallen out of the window.
      CREATE FUNCTION bulkpatch.ledger_fall(l double precision[], after double precision, count double precision,
                                            window_ms double precision) RETURNS double precision
        LANGUAGE plpgsql IMMUTABLE AS $$
      DECLARE
        fallen double precision := 0;
      BEGIN
        FOR i IN 1 .. cardinality(l) BY 2 LOOP
          IF l[i] > after THEN
            fallen := fallen + l[i + 1];
            IF fallen >= count THEN RETURN l[i] - after; END IF;
          END IF;
        END LOOP;
        RETURN window_ms;
      END $$;

      CREATE FUNCTION bulkpatch.ledger_due(next double precision, now double precision, every double precision,
                                           late double precision) RETURNS double precision
        LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN greatest(next, now - late) > now THEN 0 ELSE floor((now - greatest(next, now - late)) / every) + 1 END
      $$;

      CREATE FUNCTION bulkpatch.ledger_fast_left(b bulkpatch.ledger, now double precision, fast_ms double precision)
        RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN fast_ms = 0 OR b.careful_until > now OR b.fast_until <= now THEN 0
                    ELSE greatest(0, floor(b.fast_up_to - b.number)) END
      $$;

      -- By how far the clock has stepped back; less than 0: forward.
      CREATE FUNCTION bulkpatch.ledger_back(b bulkpatch.ledger, clock double precision, heard_at double precision,
                                            since_ms double precision) RETURNS double precision
        LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE
          WHEN heard_at > 0 AND b.seen_at > 0
               AND clock + b.shift_ms - greatest(b.seen_at, heard_at + since_ms) > ${TERMS.aheadSlackMs} + since_ms / 1000
            THEN -(clock + b.shift_ms - greatest(b.seen_at, heard_at + since_ms))
          WHEN b.seen_at - (clock + b.shift_ms) > ${TERMS.clockSlackMs} THEN b.seen_at - (clock + b.shift_ms)
          ELSE 0 END
      $$;

      -- The row, locked; made where there is none.
      CREATE FUNCTION bulkpatch.ledger_of(p_key text) RETURNS bulkpatch.ledger LANGUAGE plpgsql AS $$
      DECLARE
        b bulkpatch.ledger;
      BEGIN
        SELECT * INTO b FROM bulkpatch.ledger WHERE key = p_key FOR UPDATE;
        IF NOT FOUND THEN
          INSERT INTO bulkpatch.ledger (key) VALUES (p_key) ON CONFLICT DO NOTHING;
          SELECT * INTO b FROM bulkpatch.ledger WHERE key = p_key FOR UPDATE;
        END IF;
        RETURN b;
      END $$;

      CREATE FUNCTION bulkpatch.ledger_keep(b bulkpatch.ledger) RETURNS void LANGUAGE sql AS $$
        UPDATE bulkpatch.ledger SET
          seen_at = b.seen_at, shift_ms = b.shift_ms, window_ms = b.window_ms, number = b.number, next_fast = b.next_fast,
          next_even = b.next_even, fast_up_to = b.fast_up_to, fast_until = b.fast_until, slow_ms = b.slow_ms,
          slow_until = b.slow_until, adviser = b.adviser, adviser_knows = b.adviser_knows, stranger_rate = b.stranger_rate,
          stranger_until = b.stranger_until, closed_until = b.closed_until, closed_reason = b.closed_reason,
          careful_until = b.careful_until, probe = b.probe, urgent_until = b.urgent_until, answered = b.answered,
          flying = b.flying
         WHERE key = b.key
      $$;

      -- Advice: knows, fast up to, fast for, slow, slow for, stranger's rate or -1; empty: none. The answer is in the order of
      -- BudgetAnswer.
      CREATE FUNCTION bulkpatch.exchange_budget(
        p_key text, p_clock double precision, want double precision, urgent boolean, fast_ms double precision,
        even_ms double precision, tolerance_ms double precision, p_adviser double precision, heard_at double precision,
        since_ms double precision, rules double precision[],
        settled double precision[], returned double precision[], advice double precision[]
      ) RETURNS double precision[] LANGUAGE plpgsql AS $$
      DECLARE
        b bulkpatch.ledger := bulkpatch.ledger_of(p_key);
        mended double precision := bulkpatch.ledger_back(b, p_clock, heard_at, since_ms);
        taken double precision;
        now double precision;
        width double precision;
        longest double precision := 0;
        leads boolean;
        room double precision := 'Infinity';
        room_in double precision := 0;
        used double precision := 0;
        after double precision;
        counted double precision;
        kept double precision;
        kept_now double precision;
        relief double precision;
        rule_room double precision;
        slow double precision;
        pace double precision;
        next_even double precision;
        stands_back boolean;
        most double precision;
        fast double precision;
        even double precision;
        granted double precision := 0;
        retry_in double precision := 0;
      BEGIN
        b.shift_ms := b.shift_ms + mended;
        now := greatest(b.seen_at, p_clock + b.shift_ms);
        b.seen_at := now;
        FOR i IN 2 .. cardinality(rules) BY 2 LOOP longest := greatest(longest, rules[i]); END LOOP;
        b.window_ms := CASE WHEN cardinality(b.answered) = 0 AND cardinality(b.flying) = 0 THEN longest
                            ELSE greatest(b.window_ms, longest) END;
        width := b.window_ms / ${TERMS.buckets};

        FOR i IN 1 .. cardinality(returned) BY 2 LOOP
          SELECT t.l, t.taken INTO b.flying, taken FROM bulkpatch.ledger_take(b.flying, returned[i], returned[i + 1]) AS t;
          b.number := b.number - taken;
        END LOOP;
        FOR i IN 1 .. cardinality(settled) BY 3 LOOP
          SELECT t.l INTO b.flying FROM bulkpatch.ledger_take(b.flying, settled[i], settled[i + 2]) AS t;
          b.answered := bulkpatch.ledger_add(b.answered, floor((now - settled[i + 1]) / width) * width, settled[i + 2]);
        END LOOP;
        b.answered := bulkpatch.ledger_since(b.answered, now - width - b.window_ms);
        b.flying := bulkpatch.ledger_since(b.flying, now - width - b.window_ms - ${TERMS.flightMs});

        IF cardinality(advice) > 0 THEN
          leads := advice[1] >= b.adviser_knows OR b.adviser = p_adviser OR b.fast_until <= now;
          IF leads THEN
            b.adviser := p_adviser;
            b.adviser_knows := advice[1];
            b.fast_up_to := advice[2];
            b.fast_until := now + advice[3];
          END IF;
          IF leads OR advice[4] > (CASE WHEN b.slow_until > now THEN b.slow_ms ELSE 0 END) THEN
            b.slow_ms := advice[4];
            b.next_even := least(b.next_even, now + greatest(even_ms, advice[4]));
            b.slow_until := now + advice[5];
          END IF;
          IF advice[6] >= 0 THEN
            b.stranger_rate := advice[6];
            b.stranger_until := now + ${TERMS.strangerMs};
          END IF;
        END IF;

        FOR i IN 1 .. cardinality(rules) BY 2 LOOP
          after := now - width - rules[i + 1];
          counted := bulkpatch.ledger_sum(b.answered, after) + bulkpatch.ledger_sum(b.flying, after - ${TERMS.flightMs});
          kept := CASE WHEN urgent THEN 0 ELSE floor(rules[i] * ${TERMS.keptShare}::double precision) END;
          relief := bulkpatch.ledger_fall(b.answered, after, kept, rules[i + 1]);
          kept_now := greatest(ceil(kept * least(1, relief / rules[i + 1])),
            CASE WHEN relief > ${TERMS.keptSoonMs} THEN least(kept, ${TERMS.keptLeast}) ELSE 0 END);
          rule_room := rules[i] - counted - kept_now;
          IF i = 1 THEN used := counted; END IF;
          room := least(room, rule_room);
          room_in := greatest(room_in, least(
            CASE WHEN rule_room > 0 THEN 0
                 ELSE bulkpatch.ledger_fall(b.answered, after, 1 - rule_room, rules[i + 1]) END,
            rules[i + 1] / 100));
        END LOOP;

        slow := greatest(even_ms, CASE WHEN b.slow_until > now THEN b.slow_ms ELSE 0 END);
        pace := CASE WHEN NOT urgent OR (b.stranger_until > now AND b.stranger_rate > 0) THEN slow ELSE even_ms END;
        next_even := b.next_even - (slow - pace);
        stands_back := NOT urgent AND b.urgent_until > now;
        IF want > 0 AND b.closed_until <= now AND NOT stands_back AND room > 0 THEN
          most := least(want, CASE WHEN b.probe = 1 THEN 1 ELSE room END);
          fast := least(most, bulkpatch.ledger_fast_left(b, now, fast_ms));
          IF fast > 0 THEN
            fast := least(fast, bulkpatch.ledger_due(b.next_fast, now, fast_ms, ${TERMS.fastToleranceMs}));
          END IF;
          IF fast > 0 THEN b.next_fast := greatest(b.next_fast, now - ${TERMS.fastToleranceMs}) + fast * fast_ms; END IF;
          even := least(most - fast, bulkpatch.ledger_due(next_even, now, pace, tolerance_ms));
          IF even > 0 THEN
            b.next_even := greatest(next_even, now - tolerance_ms) + even * pace + (slow - pace);
          END IF;
          granted := fast + even;
        END IF;
        IF granted > 0 THEN
          IF b.probe = 1 THEN
            b.probe := 0;
            b.next_even := now + greatest(pace, ${TERMS.probeMs});
          END IF;
          b.number := b.number + granted;
          b.flying := bulkpatch.ledger_add(b.flying, floor(now / width) * width, granted);
        END IF;
        IF granted < want THEN
          next_even := b.next_even - (slow - pace);
          retry_in := greatest(
            ${TERMS.shortestRetryMs},
            least(
              CASE WHEN bulkpatch.ledger_fast_left(b, now, fast_ms) > 0 THEN least(b.next_fast, next_even)
                   ELSE next_even END - now,
              greatest(even_ms, ${TERMS.askAgainMs})),
            b.closed_until - now,
            CASE WHEN room > granted THEN 0 ELSE room_in END,
            CASE WHEN stands_back THEN b.urgent_until - now ELSE 0 END);
        END IF;
        IF urgent AND b.closed_until <= now THEN
          b.urgent_until := CASE WHEN granted < want
            THEN now + least(retry_in, ${TERMS.longestUrgentMs}) + ${TERMS.urgentMs} ELSE 0 END;
        END IF;
        PERFORM bulkpatch.ledger_keep(b);
        RETURN ARRAY[
          granted, floor(now / width) * width, b.number, bulkpatch.ledger_sum(b.flying, '-Infinity'), used + granted, retry_in,
          greatest(0, b.closed_until - now), pace,
          CASE WHEN b.stranger_until > now THEN b.stranger_rate ELSE -1 END, mended, now];
      END $$;

      CREATE FUNCTION bulkpatch.close_budget(p_key text, p_clock double precision, p_for double precision, p_reason double precision)
        RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        b bulkpatch.ledger := bulkpatch.ledger_of(p_key);
        now double precision;
      BEGIN
        b.shift_ms := b.shift_ms + bulkpatch.ledger_back(b, p_clock, 0, 0);
        now := greatest(b.seen_at, p_clock + b.shift_ms);
        b.seen_at := now;
        IF now + p_for >= b.closed_until THEN
          b.closed_until := now + p_for;
          b.closed_reason := p_reason;
        END IF;
        b.fast_until := now;
        IF p_reason = 1 THEN
          b.careful_until := now + ${TERMS.carefulMs};
          b.probe := 1;
        END IF;
        PERFORM bulkpatch.ledger_keep(b);
      END $$;
    `;
