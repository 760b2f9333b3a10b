-- 新增项目数, 月 (B-09, B-10): new projects of each of the last 6 calendar months; the last one is that of yesterday, up to
-- yesterday. Grain: a month.
-- :party_id  whose projects        :entrance  vendor or provider (B-21)        :day  0:00 of which day (B-03)
WITH asked AS (
    SELECT
        CAST(:party_id AS uuid) AS party_id, CAST(:entrance AS text) AS entrance, CAST(:day AS date) AS day,
        CAST(date_trunc('month', CAST(:day AS date) - interval '1 day') AS date) AS last_month
), started AS (
    SELECT s.created_day
    FROM asked
    JOIN bi_v1.fact_daily_snapshot s ON s.day = CAST(:day AS date)
        AND asked.party_id = CASE asked.entrance WHEN 'vendor' THEN s.vendor_id ELSE s.provider_id END
        AND NOT s.is_trial AND NOT s.is_test
)
SELECT d.year_month AS label, count(s.created_day) AS number
FROM asked
JOIN bi_v1.dim_date d ON d.day >= asked.last_month - interval '5 months' AND d.day < asked.day
LEFT JOIN started s ON s.created_day = d.day
GROUP BY d.year_month
ORDER BY d.year_month;
