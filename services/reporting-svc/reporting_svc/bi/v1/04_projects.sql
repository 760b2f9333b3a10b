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
    p.stars, f.as_of_position, f.fresh_at, p.sku, p.quantity, p.trial AS is_trial, p.test AS is_test, p.hold,
    p.refund AS is_refunded
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
COMMENT ON COLUMN bi_v1.fact_project.sku IS 'SKU sold, as the marketplace calls it; null if it did not say.';
COMMENT ON COLUMN bi_v1.fact_project.quantity IS 'How many were bought.';
COMMENT ON COLUMN bi_v1.fact_project.is_trial IS 'Whether it is a trial, not paid: no figure of the dashboards counts it.';
COMMENT ON COLUMN bi_v1.fact_project.is_test IS
    'Whether it came over a connection that is not live: no figure of the dashboards counts it.';
COMMENT ON COLUMN bi_v1.fact_project.hold IS 'Why the marketplace holds it: frozen (冻结) or expired (到期); null if it does not.';
COMMENT ON COLUMN bi_v1.fact_project.is_refunded IS
    'Whether the buyer gets the money back; null as long as the marketplace has not ended the order.';

CREATE OR REPLACE VIEW bi_v1.fact_node_visit WITH (security_invoker = true) AS
SELECT
    v.project_id, v.visit, v.run, v.vendor_id, v.provider_id, v.product_id, v.node, v.name, v.type, v.step, v.operator,
    v.role, v.assignee_id, v.entered_at, v.left_at, v.outcome, v.by_kind AS left_by_kind, v.by_id AS left_by_id,
    v.clock_from, bi_v1.working_seconds(v.entered_at, v.until, k.worked, k.off) AS working_seconds,
    nullif(v.timeout, 0) * 8640 AS limit_seconds,
    v.counts AND bi_v1.due_before(v.clock_from, v.timeout, v.until, k.worked, k.off) AS is_overdue,
    CASE WHEN v.counts AND bi_v1.due_before(v.clock_from, v.timeout, v.until, k.worked, k.off)
         THEN bi_v1.working_seconds(v.clock_from, v.until, k.worked, k.off) - v.timeout * 8640 ELSE 0 END
        AS overdue_seconds,
    f.as_of_position, f.fresh_at
FROM (
    SELECT
        n.project_id, n.visit, n.run, n.vendor_id, n.provider_id, n.product_id, n.node, n.name, n.type, n.step,
        n.operator, n.role, n.assignee_id, n.timeout, n.entered_at, n.clock_from, n.left_at, n.outcome, n.by_kind,
        n.by_id, n.left_at AS until, true AS counts
    FROM $schema.node_visit n
    UNION ALL
    SELECT
        p.project_id, p.visit, p.run, p.vendor_id, p.provider_id, p.product_id, p.node, p.stage, p.type, p.step,
        p.operator, p.role, p.assignee_id, p.timeout, p.entered_at, p.clock_from, NULL, 'open', NULL,
        NULL, (SELECT bi_v1.present()), p.state = 'running'
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

CREATE OR REPLACE VIEW bi_v1.fact_daily_snapshot WITH (security_invoker = true) AS
SELECT
    d.day, d.midnight, s.project_id, s.vendor_id, s.provider_id, s.product_id, s.created_at,
    bi_v1.day_of(s.created_at) AS created_day,
    CASE s.state
        WHEN 'cancelled' THEN 'cancelled'
        WHEN 'completed' THEN 'delivered'
        WHEN 'paused' THEN 'paused'
        ELSE CASE WHEN bi_v1.due_before(s.clock_from, s.timeout, d.midnight, d.worked, d.off)
                  THEN 'overdue' ELSE 'running' END
    END AS state,
    s.provider_id IS NOT NULL AND s.state IN ('running', 'paused') AS is_held,
    f.as_of_position, f.fresh_at, s.trial AS is_trial, s.test AS is_test
FROM (
    -- DISTINCT: the calendar is found once a day, not once a project, and only of the days asked for
    SELECT DISTINCT ON (a.day) a.day, a.midnight, k.worked, k.off
    FROM bi_v1.dim_date a CROSS JOIN LATERAL bi_v1.calendar_at(a.midnight) AS k
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
LEFT JOIN bi_v1.freshness f ON f.source = 'project'
WHERE d.day <= bi_v1.day_of((SELECT bi_v1.present()));
COMMENT ON VIEW bi_v1.fact_daily_snapshot IS
    'Grain: a day and a project that had started before it: how the project stood at 0:00 of the day (B-03). Computed when asked: always name the days.';
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
