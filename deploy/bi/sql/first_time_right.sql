-- 一次做对: the projects completed in a period without a rejection and without a change of provider. Grain: a month and a
-- provider.
-- :first, :last  the days, both included
SELECT
    to_char(p.ended_day, 'YYYY-MM') AS month, p.provider_id, d.name AS provider_name, count(*) AS completed,
    count(*) FILTER (WHERE p.changes_of_provider = 0 AND r.project_id IS NULL) AS right_first,
    round(100.0 * count(*) FILTER (WHERE p.changes_of_provider = 0 AND r.project_id IS NULL) / count(*), 1)
        AS right_first_percent
FROM bi_v1.fact_project p
LEFT JOIN bi_v1.dim_provider d ON d.provider_id = p.provider_id
LEFT JOIN (
    SELECT DISTINCT v.project_id FROM bi_v1.fact_node_visit v WHERE v.outcome = 'rejected'
) AS r ON r.project_id = p.project_id
WHERE p.state = 'completed' AND p.ended_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY month, p.provider_id, d.name
ORDER BY month, right_first_percent DESC, p.provider_id;
