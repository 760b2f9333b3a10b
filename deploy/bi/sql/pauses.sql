-- 暂停: the pauses that began in a period, who paused, and how many working days they lasted, those that last until now.
-- Grain: a provider – null before one was assigned – and who paused.
-- :first, :last  the days, both included
SELECT
    q.provider_id, v.name AS provider_name, q.paused_by_kind, count(*) AS pauses,
    count(DISTINCT q.project_id) AS projects, count(*) FILTER (WHERE q.outcome = 'open') AS open,
    round(sum(q.pause_working_seconds) / 86400, 2) AS days, round(max(q.pause_working_seconds) / 86400, 2) AS longest_days
FROM bi_v1.fact_pause q
LEFT JOIN bi_v1.dim_provider v ON v.provider_id = q.provider_id
WHERE q.paused_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY q.provider_id, v.name, q.paused_by_kind
ORDER BY days DESC, q.provider_id, q.paused_by_kind;
