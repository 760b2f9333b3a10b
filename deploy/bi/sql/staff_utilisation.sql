-- 员工饱和度: how many projects each person held at 0:00 of a day and how many he might; a project counts once, whatever
-- the number of its roles he has. null for a maximum of 0. Grain: a person who could get projects then.
-- :day  0:00 of which day
WITH asked AS (
    SELECT CAST(:day AS date) AS day, bi_v1.midnight_of(CAST(:day AS date)) AS midnight
), held AS (
    SELECT s.project_id, s.provider_id
    FROM bi_v1.fact_daily_snapshot s
    WHERE s.day = CAST(:day AS date) AND s.is_held
), last AS (
    -- who got each role last, in the run the project was in
    SELECT DISTINCT ON (a.project_id, a.role) a.project_id, a.provider_id, a.person_id
    FROM asked
    JOIN bi_v1.fact_assignment a ON a.level = 'staff' AND a.assigned_at < asked.midnight
    WHERE NOT EXISTS (
        SELECT FROM bi_v1.event_log e
        WHERE e.type = 'project.project_restarted' AND e.project_id = a.project_id AND e.run > a.run
            AND e.at < asked.midnight)
    ORDER BY a.project_id, a.role, a.assigned_at DESC, a.request_id
), loads AS (
    SELECT l.provider_id, l.person_id, count(DISTINCT l.project_id) AS load
    FROM last l JOIN held h ON h.project_id = l.project_id AND h.provider_id = l.provider_id
    GROUP BY l.provider_id, l.person_id
)
SELECT
    c.provider_id, v.name AS provider_name, c.person_id, p.name AS person_name, d.name AS department_name,
    coalesce(l.load, 0) AS load, c.maximum, c.receiving,
    round(100.0 * coalesce(l.load, 0) / nullif(c.maximum, 0), 1) AS percent
FROM asked
JOIN bi_v1.fact_staff_capacity c
    ON c.valid_from < asked.midnight AND (c.valid_to IS NULL OR c.valid_to >= asked.midnight)
LEFT JOIN loads l ON l.provider_id = c.provider_id AND l.person_id = c.person_id
LEFT JOIN bi_v1.dim_provider v ON v.provider_id = c.provider_id
LEFT JOIN bi_v1.dim_person p ON p.person_id = c.person_id
LEFT JOIN bi_v1.dim_department d ON d.department_id = p.department_id
ORDER BY percent DESC NULLS LAST, c.provider_id, c.person_id;
