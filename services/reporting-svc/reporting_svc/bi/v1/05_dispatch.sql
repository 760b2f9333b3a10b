CREATE OR REPLACE VIEW bi_v1.fact_assignment WITH (security_invoker = true) AS
SELECT
    a.request_id, a.role, CASE WHEN a.person_id IS NULL THEN 'provider' ELSE 'staff' END AS level, a.project_id, a.run,
    a.provider_id, a.person_id, a.department_id, a.assigned_at, d.how, d.candidates,
    nullif(jsonb_array_length(d.candidates), 0) AS candidates_number, d.excluded, q.queued_at,
    f.as_of_position, f.fresh_at, bi_v1.day_of(a.assigned_at) AS assigned_day, bi_v1.day_of(q.queued_at) AS queued_day
FROM $schema.assignment a
LEFT JOIN $schema.decision d ON d.request_id = a.request_id AND d.role = a.role
LEFT JOIN $schema.queue_wait q ON q.request_id = a.request_id AND q.role = a.role
LEFT JOIN bi_v1.freshness f ON f.source = 'dispatch';
COMMENT ON VIEW bi_v1.fact_assignment IS
    'Grain: an ask of a project that got its provider or person (分单, 认领, 更换), with the candidates as far as the reader may know them.';
COMMENT ON COLUMN bi_v1.fact_assignment.request_id IS 'The ask; one for a provider can also fill roles.';
COMMENT ON COLUMN bi_v1.fact_assignment.role IS 'The role that was filled; empty for a provider.';
COMMENT ON COLUMN bi_v1.fact_assignment.level IS 'provider or staff.';
COMMENT ON COLUMN bi_v1.fact_assignment.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_assignment.run IS 'The run it asked in; a change of provider asks in the run that ends.';
COMMENT ON COLUMN bi_v1.fact_assignment.provider_id IS 'The provider chosen, or whose person was chosen.';
COMMENT ON COLUMN bi_v1.fact_assignment.person_id IS 'The person chosen; null at provider level.';
COMMENT ON COLUMN bi_v1.fact_assignment.department_id IS 'The claimer''s department, of a claim.';
COMMENT ON COLUMN bi_v1.fact_assignment.assigned_at IS 'When it was decided.';
COMMENT ON COLUMN bi_v1.fact_assignment.how IS
    'draw (by weight), assign (least loaded), wanted (更换服务商), claim (认领) or replace (更换操作人); null if not for the reader.';
COMMENT ON COLUMN bi_v1.fact_assignment.candidates IS
    'JSON array of the ids that took part in the draw or tie, 20 at most; empty if somebody was wanted. Providers are shown to the vendor, people to their provider.';
COMMENT ON COLUMN bi_v1.fact_assignment.candidates_number IS 'How many those are; null for none.';
COMMENT ON COLUMN bi_v1.fact_assignment.excluded IS 'JSON object: how many did not take part, by reason.';
COMMENT ON COLUMN bi_v1.fact_assignment.queued_at IS 'Since when it had waited; null if it was served at once.';
COMMENT ON COLUMN bi_v1.fact_assignment.assigned_day IS 'The day of Shanghai it was decided.';
COMMENT ON COLUMN bi_v1.fact_assignment.queued_day IS 'The day of Shanghai its wait began; null if it was served at once.';

CREATE OR REPLACE VIEW bi_v1.fact_queue_wait WITH (security_invoker = true) AS
SELECT
    w.request_id, w.role, w.project_id, w.run, w.provider_id, w.reason, w.queued_at, w.ended_at, w.outcome,
    extract(epoch FROM coalesce(w.ended_at, w.now) - w.queued_at) AS wait_seconds,
    bi_v1.working_seconds(w.queued_at, coalesce(w.ended_at, w.now), k.worked, k.off) AS wait_working_seconds,
    f.as_of_position, f.fresh_at, bi_v1.day_of(w.queued_at) AS queued_day, bi_v1.day_of(w.ended_at) AS ended_day
FROM (
    SELECT
        q.request_id, q.role, q.project_id, q.run, q.provider_id, q.reason, q.queued_at,
        coalesce(a.assigned_at, r.at, p.ended_at) AS ended_at,
        CASE WHEN a.request_id IS NOT NULL THEN 'assigned'
             WHEN r.at IS NOT NULL OR p.ended_at IS NOT NULL THEN 'withdrawn' ELSE 'waiting' END AS outcome,
        (SELECT bi_v1.present()) AS now
    FROM $schema.queue_wait q
    LEFT JOIN $schema.assignment a ON a.request_id = q.request_id AND a.role = q.role
    LEFT JOIN $schema.project p ON p.project_id = q.project_id
    LEFT JOIN LATERAL (
        SELECT min(e.at) AS at FROM $schema.project_event e
        WHERE e.project_id = q.project_id AND e.type = 'project.project_restarted' AND e.run > q.run) AS r ON true
) AS w
CROSS JOIN bi_v1.calendar_at('infinity') AS k
LEFT JOIN bi_v1.freshness f ON f.source = 'dispatch';
COMMENT ON VIEW bi_v1.fact_queue_wait IS 'Grain: an ask that had to wait in a queue (排队). Asks served at once are not here.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.request_id IS 'The ask.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.role IS 'The role wanted; empty for a provider.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.run IS 'The run that asked.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.provider_id IS 'Whose person is wanted; null at provider level.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.reason IS
    'The last reason (排队原因): no_provider_configured, providers_full, no_staff or staff_full.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.queued_at IS 'Since when it waits or waited.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.ended_at IS 'When the wait ended; null while it lasts.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.outcome IS
    'assigned, withdrawn (the project ended or changed its provider) or waiting.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.wait_seconds IS 'Seconds by the clock, until now while it lasts.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.wait_working_seconds IS 'Working seconds, until now while it lasts.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.queued_day IS 'The day of Shanghai its wait began.';
COMMENT ON COLUMN bi_v1.fact_queue_wait.ended_day IS 'The day of Shanghai its wait ended; null while it lasts.';

CREATE OR REPLACE VIEW bi_v1.fact_provider_capacity WITH (security_invoker = true) AS
SELECT
    c.product_id, (e.entry ->> 'provider_id')::uuid AS provider_id, e.number::int AS number,
    (e.entry ->> 'weight')::int AS weight, (e.entry ->> 'maximum')::int AS maximum, c.since AS valid_from,
    c.until AS valid_to, f.as_of_position, f.fresh_at
FROM (
    SELECT n.product_id, n.providers, n.since, NULL::timestamptz AS until FROM $schema.provider_configuration n
    UNION ALL
    SELECT h.product_id, h.providers, h.since, h.until FROM $schema.configuration_history h
) AS c
CROSS JOIN LATERAL jsonb_array_elements(c.providers) WITH ORDINALITY AS e (entry, number)
LEFT JOIN bi_v1.freshness f ON f.source = 'dispatch';
COMMENT ON VIEW bi_v1.fact_provider_capacity IS
    'Grain: a provider of a product and the time its setting (配置服务商) was valid; former ones only if they stood at some 0:00. A vendor reads those of its products.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.product_id IS 'The product.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.provider_id IS 'The provider.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.number IS 'Its place among the providers of the product.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.weight IS 'Weight of the draw (权重), 1 to 100.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.maximum IS 'Maximum load (总持单量) for the product.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.valid_from IS 'Since when it is valid.';
COMMENT ON COLUMN bi_v1.fact_provider_capacity.valid_to IS 'Until when it was; null for the present setting.';

CREATE OR REPLACE VIEW bi_v1.fact_staff_capacity WITH (security_invoker = true) AS
SELECT
    c.provider_id, c.person_id, c.maximum, c.receiving, c.since AS valid_from, c.until AS valid_to, f.as_of_position,
    f.fresh_at
FROM (
    SELECT m.provider_id, m.person_id, m.maximum, m.receiving, m.since, NULL::timestamptz AS until FROM $schema.member m
    UNION ALL
    SELECT h.provider_id, h.person_id, h.maximum, h.receiving, h.since, h.until FROM $schema.member_history h
) AS c
LEFT JOIN bi_v1.freshness f ON f.source = 'dispatch';
COMMENT ON VIEW bi_v1.fact_staff_capacity IS
    'Grain: a person of a provider and the time its setting (持单量设置) was valid, also of those who have gone. A provider reads its own.';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.provider_id IS 'The provider.';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.person_id IS 'The person.';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.maximum IS 'How many projects it may hold (最大持单量).';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.receiving IS 'Whether it received projects (接单状态).';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.valid_from IS 'Since when it is valid.';
COMMENT ON COLUMN bi_v1.fact_staff_capacity.valid_to IS 'Until when it was; null for the present setting.';

CREATE OR REPLACE VIEW bi_v1.event_log WITH (security_invoker = true) AS
SELECT
    e.source, e.position, e.at, e.type, e.project_id, e.run, e.data, f.as_of_position, f.fresh_at
FROM (
    SELECT 'project' AS source, p.position, p.at, p.type, p.project_id, p.run, p.data::jsonb AS data FROM $schema.project_event p
    UNION ALL
    SELECT 'dispatch', d.position, d.at, d.type, d.project_id, d.run, d.data::jsonb FROM $schema.dispatch_event d
) AS e
LEFT JOIN bi_v1.freshness f ON f.source = e.source;
COMMENT ON VIEW bi_v1.event_log IS
    'Grain: an event about a project, as the services tell each other, without free text. A provider reads the present run.';
COMMENT ON COLUMN bi_v1.event_log.source IS 'The service it came from: project or dispatch.';
COMMENT ON COLUMN bi_v1.event_log.position IS 'Its number there, in the order of storing; with gaps.';
COMMENT ON COLUMN bi_v1.event_log.at IS 'When it was stored.';
COMMENT ON COLUMN bi_v1.event_log.type IS 'What happened, such as project.node_entered; docs/asyncapi.json lists all.';
COMMENT ON COLUMN bi_v1.event_log.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.event_log.run IS 'The run.';
COMMENT ON COLUMN bi_v1.event_log.data IS 'The other fields as JSON; codes and ids, no free text.';
