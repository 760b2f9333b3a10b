-- Working time in SQL, equal to delivery_shared.working_time: a working day has 24 hours, 0:00 to 24:00 in Shanghai.
-- "worked" are weekend days that are worked, "off" weekdays that are not, both in order; their search is binary.

CREATE OR REPLACE FUNCTION bi_v1.day_of(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ((at AT TIME ZONE 'UTC') + interval '8 hours')::date;
COMMENT ON FUNCTION bi_v1.day_of(timestamptz) IS 'The day of Shanghai a moment lies in.';

CREATE OR REPLACE FUNCTION bi_v1.midnight_of(day date) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (day::timestamp - interval '8 hours') AT TIME ZONE 'UTC';
COMMENT ON FUNCTION bi_v1.midnight_of(date) IS '0:00 of a day in Shanghai.';

CREATE OR REPLACE FUNCTION bi_v1.working_days_before(day date, worked date[], off date[]) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (day - DATE '0001-01-01') / 7 * 5 + least((day - DATE '0001-01-01') % 7, 5)
    + width_bucket(day - 1, worked) - width_bucket(day - 1, off);
COMMENT ON FUNCTION bi_v1.working_days_before(date, date[], date[]) IS
    'Working days before a day, since 1 January of year 1; the calendar is a row of bi_v1.calendar_at.';

CREATE OR REPLACE FUNCTION bi_v1.working_seconds_until(at timestamptz, worked date[], off date[]) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 86400::numeric * bi_v1.working_days_before(bi_v1.day_of(at), worked, off)
    + (bi_v1.working_days_before(bi_v1.day_of(at) + 1, worked, off)
       - bi_v1.working_days_before(bi_v1.day_of(at), worked, off))
    * extract(epoch FROM at - bi_v1.midnight_of(bi_v1.day_of(at)));
COMMENT ON FUNCTION bi_v1.working_seconds_until(timestamptz, date[], date[]) IS
    'Working seconds until a moment, since year 1; the difference of two is the working time between them.';

CREATE OR REPLACE FUNCTION bi_v1.working_seconds(first timestamptz, last timestamptz, worked date[], off date[])
RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN bi_v1.working_seconds_until(last, worked, off) - bi_v1.working_seconds_until(first, worked, off);
COMMENT ON FUNCTION bi_v1.working_seconds(timestamptz, timestamptz, date[], date[]) IS
    'Working seconds from one moment to another, negative when the other lies before.';

CREATE OR REPLACE FUNCTION bi_v1.due_before(
    clock_from timestamptz, tenths integer, at timestamptz, worked date[], off date[])
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tenths > 0 AND clock_from IS NOT NULL AND bi_v1.working_seconds(
    clock_from, at - interval '1 microsecond', worked, off) >= 8640 * tenths;
COMMENT ON FUNCTION bi_v1.due_before(timestamptz, integer, timestamptz, date[], date[]) IS
    'Whether a limit of so many tenths of a working day, counted from a moment, was due before another.';

CREATE OR REPLACE FUNCTION bi_v1.calendar_at(at timestamptz) RETURNS TABLE (worked date[], off date[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 COST 10000 SET search_path = pg_catalog -- which also keeps it out of plans
BEGIN ATOMIC
    WITH known AS (
        SELECT DISTINCT ON (c.year) c.holidays
        FROM $schema.calendar c
        ORDER BY c.year, (c.changed_at < at) DESC, (CASE WHEN c.changed_at < at THEN c.revision END) DESC, c.revision
    ), holiday AS (
        SELECT h.entry FROM known CROSS JOIN LATERAL jsonb_array_elements(known.holidays) AS h (entry)
    ), make_up AS (
        SELECT DISTINCT m.day::date AS day
        FROM holiday CROSS JOIN LATERAL jsonb_array_elements_text(holiday.entry -> 'make_up_days') AS m (day)
    ), day_off AS (
        SELECT DISTINCT (holiday.entry ->> 'first')::date + n.number AS day
        FROM holiday
        CROSS JOIN LATERAL generate_series(
            0, (holiday.entry ->> 'last')::date - (holiday.entry ->> 'first')::date) AS n (number)
    )
    SELECT
        coalesce((SELECT array_agg(m.day ORDER BY m.day) FROM make_up m WHERE extract(isodow FROM m.day) > 5),
                 ARRAY[]::date[]),
        coalesce((SELECT array_agg(d.day ORDER BY d.day) FROM day_off d
                  WHERE extract(isodow FROM d.day) < 6 AND d.day NOT IN (SELECT m.day FROM make_up m)),
                 ARRAY[]::date[]);
END;
COMMENT ON FUNCTION bi_v1.calendar_at(timestamptz) IS
    'The working-day calendar known at a moment, ''infinity'' for the present one: weekend days worked, weekdays off.';

CREATE OR REPLACE FUNCTION bi_v1.present() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
RETURN now() + coalesce((SELECT c.offset_seconds FROM $schema.clock c), 0) * interval '1 second';
COMMENT ON FUNCTION bi_v1.present() IS
    'Now, as the delivery center reckons: the time of the database, moved where the clock of a demonstration was moved.';

CREATE OR REPLACE VIEW bi_v1.freshness WITH (security_invoker = true) AS
SELECT f.source, f.position AS as_of_position, s.at AS fresh_at
FROM $schema.feed_position f
LEFT JOIN $schema.freshness s ON s.source = f.source
WHERE f.feed = 'reporting';
COMMENT ON VIEW bi_v1.freshness IS 'Grain: a source of events (template, identity, dispatch, project). How far it is known.';
COMMENT ON COLUMN bi_v1.freshness.source IS 'The service that sends the events.';

CREATE OR REPLACE VIEW bi_v1.tenant WITH (security_invoker = true) AS
SELECT t.party_id, t.everything FROM bi.tenant t WHERE t.role_name = session_user;
COMMENT ON VIEW bi_v1.tenant IS 'Grain: the role that asks, one row.';
COMMENT ON COLUMN bi_v1.tenant.party_id IS 'The party whose rows this role reads; null for the platform operator.';
COMMENT ON COLUMN bi_v1.tenant.everything IS 'Whether this role reads the rows of all parties.';
