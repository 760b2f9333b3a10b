-- 项目状态 (B-11 … B-15): the projects newly started in the last :window days (30 or 60) by how they stood at 0:00 of a day.
-- Grain: a state, all five in the order of the manual; their sum is the total.
-- :party_id  whose projects        :entrance  vendor or provider (B-21)        :day  0:00 of which day (B-03)
WITH asked AS (
    SELECT
        CAST(:party_id AS uuid) AS party_id, CAST(:entrance AS text) AS entrance, CAST(:day AS date) AS day,
        CAST(:window AS integer) AS days
), stood AS (
    SELECT s.state
    FROM asked
    JOIN bi_v1.fact_daily_snapshot s ON s.day = CAST(:day AS date) AND s.created_day >= asked.day - asked.days
        AND asked.party_id = CASE asked.entrance WHEN 'vendor' THEN s.vendor_id ELSE s.provider_id END
        AND NOT s.is_trial AND NOT s.is_test
), shown (place, state, text) AS (
    VALUES (1, 'delivered', '已交付'), (2, 'running', '执行中'), (3, 'overdue', '已超时'), (4, 'paused', '已暂停'),
           (5, 'cancelled', '已取消')
)
SELECT shown.state, shown.text, count(stood.state) AS number
FROM shown
LEFT JOIN stood ON stood.state = shown.state
GROUP BY shown.place, shown.state, shown.text
ORDER BY shown.place;
