-- 按服务商的周期: working days from start to completion of the projects completed in a period, with their pauses (as the
-- dashboards count, B-06) and without. Grain: a provider and a product.
-- :first, :last  the days, both included
WITH paused AS (
    SELECT p.project_id, sum(p.pause_working_seconds) AS seconds FROM bi_v1.fact_pause p GROUP BY p.project_id
)
SELECT
    p.provider_id, v.name AS provider_name, p.product_id, d.code AS product_code, count(*) AS completed,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY p.cycle_working_seconds) / 86400)::numeric, 1) AS median_days,
    round((percentile_cont(0.9) WITHIN GROUP (ORDER BY p.cycle_working_seconds) / 86400)::numeric, 1) AS p90_days,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY p.cycle_working_seconds - coalesce(q.seconds, 0))
        / 86400)::numeric, 1) AS median_days_without_pauses
FROM bi_v1.fact_project p
LEFT JOIN paused q ON q.project_id = p.project_id
LEFT JOIN bi_v1.dim_provider v ON v.provider_id = p.provider_id
LEFT JOIN bi_v1.dim_product d ON d.product_id = p.product_id
WHERE p.state = 'completed' AND p.ended_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY p.provider_id, v.name, p.product_id, d.code
ORDER BY median_days DESC, p.provider_id, p.product_id;
