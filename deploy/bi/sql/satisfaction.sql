-- 评价: what buyers gave in a period: average stars, and the part of those with 5 less the part of those with 3 or fewer
-- (as a net promoter score counts). Grain: a month and a provider.
-- :first, :last  the days, both included
SELECT
    to_char(p.evaluated_day, 'YYYY-MM') AS month, p.provider_id, v.name AS provider_name, count(*) AS evaluated,
    round(avg(p.stars), 2) AS average_stars,
    round(100.0 * (count(*) FILTER (WHERE p.stars = 5) - count(*) FILTER (WHERE p.stars <= 3)) / count(*), 1)
        AS net_percent
FROM bi_v1.fact_project p
LEFT JOIN bi_v1.dim_provider v ON v.provider_id = p.provider_id
WHERE p.evaluated_day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY month, p.provider_id, v.name
ORDER BY month, average_stars DESC, p.provider_id;
