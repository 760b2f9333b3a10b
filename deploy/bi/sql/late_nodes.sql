-- 超时最多的节点: the nodes whose limit passed most often among the visits left in a period, and by how much; restarted and
-- cancelled ones do not count. Grain: a node of a template, whatever its version.
-- :first, :last  the days, both included
SELECT
    p.template_id, v.node, max(v.name) AS name, count(*) AS visits, count(*) FILTER (WHERE v.is_overdue) AS late,
    round(100.0 * count(*) FILTER (WHERE v.is_overdue) / count(*), 1) AS late_percent,
    round(avg(v.overdue_seconds) FILTER (WHERE v.is_overdue) / 86400, 2) AS average_days_late
FROM bi_v1.fact_node_visit v
JOIN bi_v1.fact_project p ON p.project_id = v.project_id
WHERE v.left_day BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND v.limit_seconds IS NOT NULL
    AND v.outcome IN ('completed', 'rejected')
GROUP BY p.template_id, v.node
ORDER BY late DESC, late_percent DESC, p.template_id, v.node;
