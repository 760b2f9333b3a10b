CREATE OR REPLACE VIEW bi_v1.fact_project WITH (security_invoker = true) AS
SELECT
    p.project_id, p.order_number, p.business_number, p.vendor_id, p.provider_id, p.customer_id, p.product_id,
    p.template_id, p.template_version, p.edition, p.sales_channel, p.valid_until, p.created_at,
    bi_v1.day_of(p.created_at) AS created_day, p.state, p.run, p.run - 1 AS changes_of_provider, p.ended_at,
    bi_v1.day_of(p.ended_at) AS ended_day,
    CASE WHEN p.state = 'completed'
         THEN bi_v1.working_seconds(p.created_at, p.ended_at, k.worked, k.off) END AS cycle_working_seconds,
    p.state = 'running' AND bi_v1.due_before(p.clock_from, p.timeout, (SELECT bi_v1.present()), k.worked, k.off)
        AND p.visit > p.left_visit AS is_overdue,
    p.stars, f.as_of_position, f.fresh_at, p.evaluated_at, bi_v1.day_of(p.evaluated_at) AS evaluated_day, p.sku,
    p.quantity, p.trial AS is_trial, p.test AS is_test, p.hold, p.refund AS is_refunded,
    (SELECT coalesce(jsonb_object_agg(
        e->>'name', CASE WHEN e->>'type' IN ('number', 'integer') THEN to_jsonb(CAST(e->>'value' AS numeric))
                         WHEN e->>'type' = 'boolean' THEN to_jsonb(e->>'value' = 'true') ELSE e->'value' END), '{}')
     FROM jsonb_array_elements(p.parameters) AS e) AS parameters
FROM $schema.project p
CROSS JOIN bi_v1.calendar_at('infinity') AS k
LEFT JOIN bi_v1.freshness f ON f.source = 'project';
COMMENT ON VIEW bi_v1.fact_project IS 'Grain: a project (项目), as it stands now.';
COMMENT ON COLUMN bi_v1.fact_project.project_id IS 'Id of the project.';
COMMENT ON COLUMN bi_v1.fact_project.order_number IS 'Order number (订单号).';
COMMENT ON COLUMN bi_v1.fact_project.business_number IS 'Business number (业务号), unique per vendor.';
COMMENT ON COLUMN bi_v1.fact_project.vendor_id IS 'The vendor that sold it.';
COMMENT ON COLUMN bi_v1.fact_project.provider_id IS 'The provider that holds it, or delivered it; null before one is assigned.';
COMMENT ON COLUMN bi_v1.fact_project.customer_id IS 'The customer''s party.';
COMMENT ON COLUMN bi_v1.fact_project.product_id IS 'The product sold.';
COMMENT ON COLUMN bi_v1.fact_project.template_id IS 'The service flow template it follows.';
COMMENT ON COLUMN bi_v1.fact_project.template_version IS 'The version of it.';
COMMENT ON COLUMN bi_v1.fact_project.edition IS 'Edition sold (版本).';
COMMENT ON COLUMN bi_v1.fact_project.sales_channel IS 'Sales channel (销售渠道).';
COMMENT ON COLUMN bi_v1.fact_project.valid_until IS 'Last day the service is valid.';
COMMENT ON COLUMN bi_v1.fact_project.created_at IS 'When the order became a project.';
COMMENT ON COLUMN bi_v1.fact_project.created_day IS 'The day of Shanghai of that.';
COMMENT ON COLUMN bi_v1.fact_project.state IS 'running (执行中), paused (已暂停), completed (已完成) or cancelled (已取消).';
COMMENT ON COLUMN bi_v1.fact_project.run IS 'Which pass through the flow it is in, from 1.';
COMMENT ON COLUMN bi_v1.fact_project.changes_of_provider IS 'How often the provider was changed (更换服务商).';
COMMENT ON COLUMN bi_v1.fact_project.ended_at IS 'When it was completed or cancelled; null while it is under way.';
COMMENT ON COLUMN bi_v1.fact_project.ended_day IS 'The day of Shanghai of that.';
COMMENT ON COLUMN bi_v1.fact_project.cycle_working_seconds IS
    'Working seconds from start to completion, paused time included (B-06), by the present calendar; null if not completed.';
COMMENT ON COLUMN bi_v1.fact_project.is_overdue IS 'Whether the limit of its open node has passed now; never while paused.';
COMMENT ON COLUMN bi_v1.fact_project.stars IS 'The buyer''s evaluation, 1 to 5; null without one.';
COMMENT ON COLUMN bi_v1.fact_project.evaluated_at IS 'When it was given; null without one.';
COMMENT ON COLUMN bi_v1.fact_project.evaluated_day IS 'The day of Shanghai of that.';
COMMENT ON COLUMN bi_v1.fact_project.sku IS 'SKU sold, as the marketplace calls it; null if it did not say.';
COMMENT ON COLUMN bi_v1.fact_project.quantity IS 'How many were bought.';
COMMENT ON COLUMN bi_v1.fact_project.is_trial IS 'Whether it is a trial, not paid: no figure of the dashboards counts it.';
COMMENT ON COLUMN bi_v1.fact_project.is_test IS
    'Whether it came over a connection that is not live: no figure of the dashboards counts it.';
COMMENT ON COLUMN bi_v1.fact_project.hold IS 'Why the marketplace holds it: frozen (冻结) or expired (到期); null if it does not.';
COMMENT ON COLUMN bi_v1.fact_project.is_refunded IS
    'Whether the buyer gets the money back; null as long as the marketplace has not ended the order.';
COMMENT ON COLUMN bi_v1.fact_project.parameters IS
    'The order''s parameters (订单参数) that its product declared, as an object by name: numbers, booleans, dates as texts.';

CREATE OR REPLACE VIEW bi_v1.fact_node_visit WITH (security_invoker = true) AS
SELECT
    v.project_id, v.visit, v.run, v.vendor_id, v.provider_id, v.product_id, v.node, v.name, v.type, v.step, v.operator,
    v.role, v.assignee_id, v.entered_at, v.left_at, v.outcome, v.by_kind AS left_by_kind, v.by_id AS left_by_id,
    v.clock_from, coalesce(v.worked, bi_v1.working_seconds(v.entered_at, v.until, k.worked, k.off)) AS working_seconds,
    nullif(v.timeout, 0) * 8640 AS limit_seconds,
    CASE WHEN v.worked IS NOT NULL THEN v.overdue IS NOT NULL
         ELSE v.counts AND bi_v1.due_before(v.clock_from, v.timeout, v.until, k.worked, k.off) END AS is_overdue,
    CASE WHEN v.worked IS NOT NULL THEN coalesce(v.overdue, 0)
         WHEN v.counts AND bi_v1.due_before(v.clock_from, v.timeout, v.until, k.worked, k.off)
         THEN bi_v1.working_seconds(v.clock_from, v.until, k.worked, k.off) - v.timeout * 8640 ELSE 0 END
        AS overdue_seconds,
    f.as_of_position, f.fresh_at, bi_v1.day_of(v.entered_at) AS entered_day, bi_v1.day_of(v.left_at) AS left_day,
    v.by_party_id AS left_by_party_id, v.by_role AS left_by_role, v.reason AS reject_reason
FROM (
    -- seconds of what was left are stored; null only if it was by the version before
    SELECT
        n.project_id, n.visit, n.run, n.vendor_id, n.provider_id, n.product_id, n.node, n.name, n.type, n.step,
        n.operator, n.role, n.assignee_id, n.timeout, n.entered_at, n.clock_from, n.left_at, n.outcome, n.by_kind,
        n.by_id, n.left_at AS until, true AS counts, n.worked_seconds AS worked, n.overdue_seconds AS overdue,
        n.by_party_id, n.by_role, n.reason
    FROM $schema.node_visit n
    UNION ALL
    SELECT
        p.project_id, p.visit, p.run, p.vendor_id, p.provider_id, p.product_id, p.node, p.stage, p.type, p.step,
        p.operator, p.role, p.assignee_id, p.timeout, p.entered_at, p.clock_from, NULL, 'open', NULL,
        NULL, (SELECT bi_v1.present()), p.state = 'running', NULL, NULL, NULL, NULL, NULL
    FROM $schema.project p
    WHERE p.node IS NOT NULL AND p.visit > p.left_visit AND p.state IN ('running', 'paused')
) AS v
CROSS JOIN bi_v1.calendar_at('infinity') AS k
LEFT JOIN bi_v1.freshness f ON f.source = 'project';
COMMENT ON VIEW bi_v1.fact_node_visit IS
    'Grain: one entry of a project into a node; entered again after a rejection it is another visit. Without containers, whose children stand here.';
COMMENT ON COLUMN bi_v1.fact_node_visit.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_node_visit.visit IS 'Number of the visit in its project.';
COMMENT ON COLUMN bi_v1.fact_node_visit.run IS 'The run it belongs to.';
COMMENT ON COLUMN bi_v1.fact_node_visit.vendor_id IS 'The vendor of the project.';
COMMENT ON COLUMN bi_v1.fact_node_visit.provider_id IS 'The provider that held the project when the node was left; of an open one: now.';
COMMENT ON COLUMN bi_v1.fact_node_visit.product_id IS 'The product of the project.';
COMMENT ON COLUMN bi_v1.fact_node_visit.node IS 'Id of the node in its template; see dim_template_node.';
COMMENT ON COLUMN bi_v1.fact_node_visit.name IS 'Name of the node.';
COMMENT ON COLUMN bi_v1.fact_node_visit.type IS 'Type of the node; see dim_template_node.type.';
COMMENT ON COLUMN bi_v1.fact_node_visit.step IS 'Number of the step of the flow.';
COMMENT ON COLUMN bi_v1.fact_node_visit.operator IS 'Who operates it: system, customer or staff.';
COMMENT ON COLUMN bi_v1.fact_node_visit.role IS 'The role that operates it, of staff.';
COMMENT ON COLUMN bi_v1.fact_node_visit.assignee_id IS 'The person who had it last (操作人), of staff; see dim_person.';
COMMENT ON COLUMN bi_v1.fact_node_visit.entered_at IS 'When it was entered.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_at IS 'When it was left; null while it is open.';
COMMENT ON COLUMN bi_v1.fact_node_visit.outcome IS
    'completed, rejected, restarted (the provider was changed), cancelled (with its project) or open.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_by_kind IS
    'Who ended it: system, customer, staff, provider, vendor, operator or marketplace; null while open.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_by_id IS 'The account of that person; null for the system.';
COMMENT ON COLUMN bi_v1.fact_node_visit.clock_from IS 'Where its limit counts from: the entry, the last resume after a pause (A-03), or so much before the end of a hold as had been counted; null during one.';
COMMENT ON COLUMN bi_v1.fact_node_visit.working_seconds IS
    'Working seconds from entry to leaving, paused time included; of an open one until now.';
COMMENT ON COLUMN bi_v1.fact_node_visit.limit_seconds IS 'Its limit (超时时间) in working seconds; null for none.';
COMMENT ON COLUMN bi_v1.fact_node_visit.is_overdue IS
    'Whether the limit passed before it was left; of an open one before now, never while paused.';
COMMENT ON COLUMN bi_v1.fact_node_visit.overdue_seconds IS 'Working seconds beyond the limit; 0 if it did not pass.';
COMMENT ON COLUMN bi_v1.fact_node_visit.entered_day IS 'The day of Shanghai it was entered.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_day IS 'The day of Shanghai it was left; null while it is open.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_by_party_id IS 'The company for which that person acted; null for none.';
COMMENT ON COLUMN bi_v1.fact_node_visit.left_by_role IS 'The role in which that person acted, of staff.';
COMMENT ON COLUMN bi_v1.fact_node_visit.reject_reason IS
    'Why it was rejected (驳回原因), as it was written; empty once the buyer is forgotten, null if it was not rejected.';

CREATE OR REPLACE VIEW bi_v1.fact_pause WITH (security_invoker = true) AS
SELECT
    p.project_id, p.paused_at, p.run, p.vendor_id, p.provider_id, p.product_id, p.by_kind AS paused_by_kind,
    p.by_id AS paused_by_id, p.ended_at, coalesce(p.outcome, 'open') AS outcome,
    extract(epoch FROM coalesce(p.ended_at, p.now) - p.paused_at) AS pause_seconds,
    bi_v1.working_seconds(p.paused_at, coalesce(p.ended_at, p.now), k.worked, k.off) AS pause_working_seconds,
    bi_v1.day_of(p.paused_at) AS paused_day, bi_v1.day_of(p.ended_at) AS ended_day, f.as_of_position, f.fresh_at
FROM (SELECT q.*, (SELECT bi_v1.present()) AS now FROM $schema.pause q) AS p
CROSS JOIN bi_v1.calendar_at('infinity') AS k
LEFT JOIN bi_v1.freshness f ON f.source = 'project';
COMMENT ON VIEW bi_v1.fact_pause IS
    'Grain: a pause of a project (暂停项目). The cycle of a project holds its pauses (B-06); subtract them for one without.';
COMMENT ON COLUMN bi_v1.fact_pause.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_pause.paused_at IS 'When it was paused.';
COMMENT ON COLUMN bi_v1.fact_pause.run IS 'The run it was in.';
COMMENT ON COLUMN bi_v1.fact_pause.vendor_id IS 'The vendor of the project.';
COMMENT ON COLUMN bi_v1.fact_pause.provider_id IS 'The provider that held it then; null before one was assigned.';
COMMENT ON COLUMN bi_v1.fact_pause.product_id IS 'The product of the project.';
COMMENT ON COLUMN bi_v1.fact_pause.paused_by_kind IS 'Who paused it: vendor, provider, operator or another kind of actor.';
COMMENT ON COLUMN bi_v1.fact_pause.paused_by_id IS 'The account of that person.';
COMMENT ON COLUMN bi_v1.fact_pause.ended_at IS 'When the pause ended; null while it lasts.';
COMMENT ON COLUMN bi_v1.fact_pause.outcome IS
    'resumed (启动项目), restarted (the provider was changed), completed, cancelled or open.';
COMMENT ON COLUMN bi_v1.fact_pause.pause_seconds IS 'Seconds by the clock, until now while it lasts.';
COMMENT ON COLUMN bi_v1.fact_pause.pause_working_seconds IS 'Working seconds, until now while it lasts.';
COMMENT ON COLUMN bi_v1.fact_pause.paused_day IS 'The day of Shanghai it was paused.';
COMMENT ON COLUMN bi_v1.fact_pause.ended_day IS 'The day of Shanghai it ended.';

CREATE OR REPLACE VIEW bi_v1.fact_message WITH (security_invoker = true) AS
SELECT
    o.project_id, o.run, o.visit, o.trigger, o.rule, o.vendor_id, o.provider_id, o.product_id,
    CASE WHEN starts_with(o.receiver, 'person:') THEN 'person' ELSE o.receiver END AS receiver, o.message_template, o.at AS told_at, bi_v1.day_of(o.at) AS told_day, f.as_of_position, f.fresh_at
FROM $schema.occurrence o
LEFT JOIN bi_v1.freshness f ON f.source = 'project';
COMMENT ON VIEW bi_v1.fact_message IS
    'Grain: a reminder rule of a node (消息提醒) that fired, 催办 or 提及: what was to be told to whom, not whether it reached anybody.';
COMMENT ON COLUMN bi_v1.fact_message.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_message.run IS 'The run.';
COMMENT ON COLUMN bi_v1.fact_message.visit IS 'The visit of the node; see fact_node_visit.';
COMMENT ON COLUMN bi_v1.fact_message.trigger IS
    'Why: entered (进入当前流程), rejected (驳回), passed_on (流转), due_soon (即将超时), overdue (超时), reassigned (更换操作人), reminded (催办) or mentioned (提及).';
COMMENT ON COLUMN bi_v1.fact_message.rule IS 'Place of the rule in the node; of a 催办 its number in the visit. Of a change or a mention the number of it times 1000, and a place.';
COMMENT ON COLUMN bi_v1.fact_message.vendor_id IS 'The vendor of the project.';
COMMENT ON COLUMN bi_v1.fact_message.provider_id IS 'The provider that held it then; null before one was assigned.';
COMMENT ON COLUMN bi_v1.fact_message.product_id IS 'The product of the project.';
COMMENT ON COLUMN bi_v1.fact_message.receiver IS
    'Who was to be told: customer, assignee, provider_admin, vendor_admin, vendor_project_manager, role:<role>, or person – one who was mentioned.';
COMMENT ON COLUMN bi_v1.fact_message.message_template IS 'Code of the message template.';
COMMENT ON COLUMN bi_v1.fact_message.told_at IS 'When it fired.';
COMMENT ON COLUMN bi_v1.fact_message.told_day IS 'The day of Shanghai of that.';

CREATE OR REPLACE VIEW bi_v1.fact_daily_snapshot WITH (security_invoker = true) AS
WITH known AS MATERIALIZED (
    -- the calendars there have been, each found once, and the moments at which each was the one known
    SELECT
        c.at AS after, lead(c.at, 1, 'infinity') OVER (ORDER BY c.at) AS until, k.worked, k.off
    FROM (SELECT '-infinity'::timestamptz AS at UNION SELECT e.changed_at FROM $schema.calendar e) AS c
    CROSS JOIN LATERAL bi_v1.calendar_at(c.at + interval '1 microsecond') AS k
)
SELECT
    d.day, d.midnight, s.project_id, s.vendor_id, s.provider_id, s.product_id, s.created_at,
    bi_v1.day_of(s.created_at) AS created_day,
    CASE s.state
        WHEN 'cancelled' THEN 'cancelled'
        WHEN 'completed' THEN 'delivered'
        WHEN 'paused' THEN 'paused'
        -- as bi_v1.due_before, with what of it is the day's reckoned once a day
        ELSE CASE WHEN s.timeout > 0 AND s.clock_from IS NOT NULL
                      AND d.passed - bi_v1.working_seconds_until(s.clock_from, d.worked, d.off) >= 8640 * s.timeout
                  THEN 'overdue' ELSE 'running' END
    END AS state,
    s.provider_id IS NOT NULL AND s.state IN ('running', 'paused') AS is_held,
    f.as_of_position, f.fresh_at, s.trial AS is_trial, s.test AS is_test
FROM (
    SELECT DISTINCT ON (a.day)
        a.day, bi_v1.midnight_of(a.day) AS midnight, k.worked, k.off,
        bi_v1.working_seconds_until(bi_v1.midnight_of(a.day) - interval '1 microsecond', k.worked, k.off) AS passed
    FROM (
        SELECT g.day::date AS day
        FROM generate_series(
            (SELECT bi_v1.day_of(least(
                (SELECT min(p.created_at) FROM $schema.project p),
                (SELECT min(h.created_at) FROM $schema.project_history h)))::timestamp),
            (SELECT bi_v1.day_of(bi_v1.present())::timestamp), interval '1 day') AS g (day)
    ) AS a
    JOIN known AS k ON k.after < bi_v1.midnight_of(a.day) AND k.until >= bi_v1.midnight_of(a.day)
) AS d
CROSS JOIN LATERAL (
    SELECT
        p.project_id, p.vendor_id, p.provider_id, p.product_id, p.created_at, p.state, p.timeout, p.clock_from,
        p.trial, p.test
    FROM $schema.project p
    WHERE p.since < d.midnight
    UNION ALL
    SELECT
        h.project_id, h.vendor_id, h.provider_id, h.product_id, h.created_at, h.state, h.timeout, h.clock_from,
        h.trial, h.test
    FROM $schema.project_history h
    WHERE h.since < d.midnight AND h.until >= d.midnight
) AS s
LEFT JOIN bi_v1.freshness f ON f.source = 'project';
COMMENT ON VIEW bi_v1.fact_daily_snapshot IS
    'Grain: a day and a project that had started before it: how the project stood at 0:00 of the day (B-03). It grows by a row a project and day: name the days, where you can.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.day IS 'The day, up to today.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.midnight IS 'Its 0:00 in Shanghai, the moment of the snapshot.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.project_id IS 'The project.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.vendor_id IS 'The vendor of the project.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.provider_id IS 'The provider that held it then, or had delivered it.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.product_id IS 'The product of the project.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.created_at IS 'When the project started.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.created_day IS 'The day of Shanghai of that.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.state IS
    'cancelled (已取消), delivered (已交付), paused (已暂停), overdue (已超时) or running (执行中), in this precedence (B-15), by the calendar known then.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.is_held IS 'Whether it counted in its provider''s load (持单量).';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.is_trial IS 'Whether it is a trial, not paid: no figure of the dashboards counts it.';
COMMENT ON COLUMN bi_v1.fact_daily_snapshot.is_test IS
    'Whether it came over a connection that is not live: no figure of the dashboards counts it.';
