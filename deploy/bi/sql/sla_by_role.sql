-- 按角色的时限达成: of the visits with a limit that were left in a period, how many were in time, by who operates the node,
-- and how many working days they took. Restarted and cancelled ones do not count. Grain: an operator and a role.
-- :first, :last  the days, both included
SELECT
    v.operator, coalesce(v.role, '') AS role, r.name AS role_name, count(*) AS visits,
    count(*) FILTER (WHERE v.is_overdue) AS late,
    round(100.0 * count(*) FILTER (WHERE NOT v.is_overdue) / count(*), 1) AS in_time_percent,
    round(avg(v.working_seconds) / 86400, 2) AS average_days,
    round((percentile_cont(0.9) WITHIN GROUP (ORDER BY v.working_seconds) / 86400)::numeric, 2) AS p90_days
FROM bi_v1.fact_node_visit v
LEFT JOIN bi_v1.dim_role r ON r.role = v.role
WHERE v.left_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    AND v.limit_seconds IS NOT NULL AND v.outcome IN ('completed', 'rejected')
GROUP BY v.operator, v.role, r.name
ORDER BY in_time_percent, v.operator, role;
