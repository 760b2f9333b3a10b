-- 服务商饱和度 (B-16 … B-20): load and maximum of every provider of each of the vendor's products, both as of 0:00 of a day;
-- green below 40 %, blue from 40 to 80, red above, null for a maximum of 0 ("--"). Grain: a product and a provider.
-- :party_id  the vendor            :day  0:00 of which day (B-03)
WITH asked AS (
    SELECT
        CAST(:party_id AS uuid) AS party_id, CAST(:day AS date) AS day,
        bi_v1.midnight_of(CAST(:day AS date)) AS midnight
), held AS (
    SELECT s.product_id, s.provider_id, count(*) AS load
    FROM asked
    JOIN bi_v1.fact_daily_snapshot s ON s.day = CAST(:day AS date) AND s.vendor_id = asked.party_id AND s.is_held
    GROUP BY s.product_id, s.provider_id
)
SELECT
    p.product_id, p.code AS product_code, p.name AS product_name, c.provider_id, v.name AS provider_name,
    coalesce(h.load, 0) AS load, c.maximum,
    round(coalesce(h.load, 0) * 100.0 / nullif(c.maximum, 0), 1) AS percent,
    CASE WHEN c.maximum = 0 THEN NULL
         WHEN coalesce(h.load, 0) * 100 < 40 * c.maximum THEN 'green'
         WHEN coalesce(h.load, 0) * 100 <= 80 * c.maximum THEN 'blue'
         ELSE 'red' END AS colour
FROM asked
JOIN bi_v1.dim_product p ON p.vendor_id = asked.party_id
JOIN bi_v1.fact_provider_capacity c ON c.product_id = p.product_id
    AND c.valid_from < asked.midnight AND (c.valid_to IS NULL OR c.valid_to >= asked.midnight)
LEFT JOIN held h ON h.product_id = p.product_id AND h.provider_id = c.provider_id
LEFT JOIN bi_v1.dim_provider v ON v.provider_id = c.provider_id
ORDER BY p.listed_at DESC, p.product_id DESC, c.number;
