-- 排队时长: how long the asks that began to wait in a period waited, by the clock, in hours; those withdrawn count apart,
-- those that wait still until now. Grain: what was wanted and the last reason.
-- :first, :last  the days, both included
SELECT
    CASE WHEN w.role = '' THEN 'provider' ELSE 'staff' END AS level, w.reason, count(*) AS waits,
    count(*) FILTER (WHERE w.outcome = 'waiting') AS waiting,
    count(*) FILTER (WHERE w.outcome = 'withdrawn') AS withdrawn,
    round((percentile_cont(0.5) WITHIN GROUP (ORDER BY w.wait_seconds) FILTER (WHERE w.outcome <> 'withdrawn')
        / 3600)::numeric, 1) AS median_hours,
    round((percentile_cont(0.9) WITHIN GROUP (ORDER BY w.wait_seconds) FILTER (WHERE w.outcome <> 'withdrawn')
        / 3600)::numeric, 1) AS p90_hours,
    round(max(w.wait_seconds) FILTER (WHERE w.outcome <> 'withdrawn') / 3600, 1) AS longest_hours
FROM bi_v1.fact_queue_wait w
WHERE w.queued_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY level, w.reason
ORDER BY level, waits DESC, w.reason;
