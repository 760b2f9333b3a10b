-- 负载预测: what a product's load will be at the end of each of seven days if as many projects begin and end as on the same
-- weekday of the eight weeks before, and how much its providers may hold at 0:00 of the first. Grain: a product and a day.
-- :day  the first of the seven days
WITH asked AS (
    SELECT CAST(:day AS date) AS day, bi_v1.midnight_of(CAST(:day AS date)) AS midnight
), began AS (
    SELECT p.product_id, extract(isodow FROM p.created_day) AS weekday, count(*) / 8.0 AS number
    FROM asked JOIN bi_v1.fact_project p ON p.created_day >= asked.day - 56 AND p.created_day < asked.day
    GROUP BY p.product_id, weekday
), ended AS (
    SELECT p.product_id, extract(isodow FROM p.ended_day) AS weekday, count(*) / 8.0 AS number
    FROM asked JOIN bi_v1.fact_project p ON p.ended_day >= asked.day - 56 AND p.ended_day < asked.day
    GROUP BY p.product_id, weekday
), loaded AS (
    SELECT s.product_id, count(*) AS load
    FROM bi_v1.fact_daily_snapshot s
    WHERE s.day = CAST(:day AS date) AND s.state IN ('running', 'overdue', 'paused')
    GROUP BY s.product_id
), capacity AS (
    SELECT c.product_id, sum(c.maximum) AS maximum
    FROM asked
    JOIN bi_v1.fact_provider_capacity c
        ON c.valid_from < asked.midnight AND (c.valid_to IS NULL OR c.valid_to >= asked.midnight)
    GROUP BY c.product_id
), expected AS (
    SELECT
        p.product_id, p.code, p.name, n.day, coalesce(b.number, 0) AS began, coalesce(e.number, 0) AS ended,
        coalesce(l.load, 0) AS load, c.maximum
    FROM asked
    CROSS JOIN LATERAL (SELECT asked.day + i AS day FROM generate_series(0, 6) AS i) AS n
    CROSS JOIN bi_v1.dim_product p
    LEFT JOIN began b ON b.product_id = p.product_id AND b.weekday = extract(isodow FROM n.day)
    LEFT JOIN ended e ON e.product_id = p.product_id AND e.weekday = extract(isodow FROM n.day)
    LEFT JOIN loaded l ON l.product_id = p.product_id
    LEFT JOIN capacity c ON c.product_id = p.product_id
)
SELECT
    x.product_id, x.code AS product_code, x.name AS product_name, x.day, round(x.began, 2) AS expected_new,
    round(x.ended, 2) AS expected_ended,
    round(greatest(0, x.load + sum(x.began - x.ended) OVER (PARTITION BY x.product_id ORDER BY x.day)), 2)
        AS expected_load,
    x.maximum
FROM expected x
ORDER BY x.code, x.product_id, x.day;
