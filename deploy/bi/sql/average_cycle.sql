-- 平均项目完成周期 (B-05 … B-07): the average whole cycle, in working days to one decimal, of the projects finished in the
-- last 365 days before 0:00 of a day; null without any ("--"). Grain: one row.
-- :party_id  whose projects        :entrance  vendor or provider (B-21)        :day  0:00 of which day (B-03)
WITH asked AS (
    SELECT
        CAST(:party_id AS uuid) AS party_id, CAST(:entrance AS text) AS entrance,
        bi_v1.midnight_of(CAST(:day AS date)) AS midnight
)
SELECT
    round(avg(bi_v1.working_seconds(p.created_at, p.ended_at, k.worked, k.off)) / 86400, 1) AS days,
    count(*) AS finished
FROM asked
CROSS JOIN bi_v1.calendar_at(asked.midnight) AS k
JOIN bi_v1.fact_project p ON p.state = 'completed'
    AND p.ended_at >= asked.midnight - interval '365 days' AND p.ended_at < asked.midnight
    AND asked.party_id = CASE asked.entrance WHEN 'vendor' THEN p.vendor_id ELSE p.provider_id END
    AND NOT p.is_trial AND NOT p.is_test;
