-- 新增项目数, 日 (B-08): new projects of each of the last 7 days, yesterday the last. Grain: a day.
-- :party_id  whose projects        :entrance  vendor or provider (B-21)        :day  0:00 of which day (B-03)
WITH asked AS (
    SELECT
        CAST(:party_id AS uuid) AS party_id, CAST(:entrance AS text) AS entrance, CAST(:day AS date) AS day
), started AS (
    SELECT s.created_day
    FROM asked
    JOIN bi_v1.fact_daily_snapshot s ON s.day = CAST(:day AS date)
        AND asked.party_id = CASE asked.entrance WHEN 'vendor' THEN s.vendor_id ELSE s.provider_id END
        AND NOT s.is_trial AND NOT s.is_test
)
SELECT to_char(d.day, 'YYYY-MM-DD') AS label, count(s.created_day) AS number
FROM asked
JOIN bi_v1.dim_date d ON d.day >= asked.day - 7 AND d.day < asked.day
LEFT JOIN started s ON s.created_day = d.day
GROUP BY d.day
ORDER BY d.day;
