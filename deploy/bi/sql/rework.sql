-- 返工: how often a provider's nodes were rejected in a period, how many visits were to a node the run had been at
-- before, and what part of the working time those took. Grain: a provider; null before one was assigned.
-- :first, :last  the days, both included
WITH visited AS (
    SELECT
        v.provider_id, v.outcome, v.left_day, v.working_seconds,
        row_number() OVER (PARTITION BY v.project_id, v.run, v.node ORDER BY v.visit) > 1 AS again
    FROM bi_v1.fact_node_visit v
)
SELECT
    v.provider_id, d.name AS provider_name, count(*) AS visits,
    count(*) FILTER (WHERE v.outcome = 'rejected') AS rejected,
    round(100.0 * count(*) FILTER (WHERE v.outcome = 'rejected') / count(*), 1) AS rejected_percent,
    count(*) FILTER (WHERE v.again) AS again,
    round(100 * coalesce(sum(v.working_seconds) FILTER (WHERE v.again), 0) / nullif(sum(v.working_seconds), 0), 1)
        AS again_time_percent
FROM visited v
LEFT JOIN bi_v1.dim_provider d ON d.provider_id = v.provider_id
WHERE v.left_day BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND v.outcome IN ('completed', 'rejected')
GROUP BY v.provider_id, d.name
ORDER BY rejected_percent DESC, visits DESC, v.provider_id;
