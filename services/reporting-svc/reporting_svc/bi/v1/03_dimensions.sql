CREATE OR REPLACE VIEW bi_v1.dim_vendor WITH (security_invoker = true) AS
SELECT p.party_id AS vendor_id, p.name, f.as_of_position, f.fresh_at, p.account
FROM $schema.party p LEFT JOIN bi_v1.freshness f ON f.source = 'identity'
WHERE p.kind = 'isv';
COMMENT ON VIEW bi_v1.dim_vendor IS 'Grain: an ISV as vendor (厂商). Every ISV is vendor and provider (G-08).';
COMMENT ON COLUMN bi_v1.dim_vendor.vendor_id IS 'Party id of the vendor.';
COMMENT ON COLUMN bi_v1.dim_vendor.name IS 'Name of the company; not unique.';
COMMENT ON COLUMN bi_v1.dim_vendor.account IS 'Its main account id (主账号ID), the number that tells companies of one name apart.';

CREATE OR REPLACE VIEW bi_v1.dim_provider WITH (security_invoker = true) AS
SELECT p.party_id AS provider_id, p.name, f.as_of_position, f.fresh_at, p.account
FROM $schema.party p LEFT JOIN bi_v1.freshness f ON f.source = 'identity'
WHERE p.kind = 'isv';
COMMENT ON VIEW bi_v1.dim_provider IS 'Grain: an ISV as provider (服务商).';
COMMENT ON COLUMN bi_v1.dim_provider.provider_id IS 'Party id of the provider.';
COMMENT ON COLUMN bi_v1.dim_provider.name IS 'Name of the company; not unique.';
COMMENT ON COLUMN bi_v1.dim_provider.account IS 'Its main account id (主账号ID), the number that tells companies of one name apart.';

CREATE OR REPLACE VIEW bi_v1.dim_product WITH (security_invoker = true) AS
SELECT
    p.product_id, p.code, p.name, p.vendor_id, p.template_id, p.template_version, p.listed_at, p.taken_offline_at,
    f.as_of_position, f.fresh_at
FROM $schema.product p LEFT JOIN bi_v1.freshness f ON f.source = 'template';
COMMENT ON VIEW bi_v1.dim_product IS 'Grain: a product that is or was listed (产品).';
COMMENT ON COLUMN bi_v1.dim_product.product_id IS 'Id of the product.';
COMMENT ON COLUMN bi_v1.dim_product.code IS 'Product number (产品编号), its business number.';
COMMENT ON COLUMN bi_v1.dim_product.name IS 'Name of the product, as it is now.';
COMMENT ON COLUMN bi_v1.dim_product.vendor_id IS 'The vendor that owns it.';
COMMENT ON COLUMN bi_v1.dim_product.template_id IS 'The service flow template later projects take.';
COMMENT ON COLUMN bi_v1.dim_product.template_version IS 'The version of it.';
COMMENT ON COLUMN bi_v1.dim_product.listed_at IS 'When it was listed (上架).';
COMMENT ON COLUMN bi_v1.dim_product.taken_offline_at IS 'When it was taken offline (下线); null while it is listed.';

CREATE OR REPLACE VIEW bi_v1.dim_person WITH (security_invoker = true) AS
SELECT
    p.user_id AS person_id, p.party_id, p.name, f.as_of_position, f.fresh_at, p.main AS is_main_account, p.department_id,
    NOT p.deleted AS active
FROM $schema.person p LEFT JOIN bi_v1.freshness f ON f.source = 'identity';
COMMENT ON VIEW bi_v1.dim_person IS 'Grain: a person with an account. A tenant reads its own people only.';
COMMENT ON COLUMN bi_v1.dim_person.person_id IS 'Id of the account.';
COMMENT ON COLUMN bi_v1.dim_person.party_id IS 'The company.';
COMMENT ON COLUMN bi_v1.dim_person.name IS 'Display name; blank once the person was erased. No other personal data.';
COMMENT ON COLUMN bi_v1.dim_person.is_main_account IS 'Whether it is the main account (主账号) of an ISV.';
COMMENT ON COLUMN bi_v1.dim_person.department_id IS 'The department it is in now; null for none.';
COMMENT ON COLUMN bi_v1.dim_person.active IS 'Whether the account is there; false once it was deleted.';

CREATE OR REPLACE VIEW bi_v1.bridge_person_role WITH (security_invoker = true) AS
SELECT p.user_id AS person_id, r.role, p.party_id, f.as_of_position, f.fresh_at
FROM $schema.person p CROSS JOIN LATERAL unnest(p.roles) AS r (role)
LEFT JOIN bi_v1.freshness f ON f.source = 'identity'
WHERE NOT p.deleted;
COMMENT ON VIEW bi_v1.bridge_person_role IS
    'Grain: a role a person has now (角色). A tenant reads those of its own people.';
COMMENT ON COLUMN bi_v1.bridge_person_role.person_id IS 'The person.';
COMMENT ON COLUMN bi_v1.bridge_person_role.role IS 'Code of the role.';
COMMENT ON COLUMN bi_v1.bridge_person_role.party_id IS 'The company of the person.';

CREATE OR REPLACE VIEW bi_v1.dim_department WITH (security_invoker = true) AS
SELECT
    d.department_id, d.party_id, d.name, d.parent_id, NOT d.deleted AS active, f.as_of_position, f.fresh_at
FROM $schema.department d LEFT JOIN bi_v1.freshness f ON f.source = 'identity';
COMMENT ON VIEW bi_v1.dim_department IS
    'Grain: a department (部门) of a provider, also a deleted one. A tenant reads its own.';
COMMENT ON COLUMN bi_v1.dim_department.department_id IS 'Id of the department.';
COMMENT ON COLUMN bi_v1.dim_department.party_id IS 'The company.';
COMMENT ON COLUMN bi_v1.dim_department.name IS 'Name of the department.';
COMMENT ON COLUMN bi_v1.dim_department.parent_id IS 'The department it stands in; null at the top.';
COMMENT ON COLUMN bi_v1.dim_department.active IS 'Whether it is there; false once it was deleted.';

CREATE OR REPLACE VIEW bi_v1.dim_customer WITH (security_invoker = true) AS
SELECT
    p.customer_id, 'C-' || upper(left(md5(p.customer_id::text), 8)) AS pseudonym, min(p.created_at) AS first_project_at,
    max(p.created_at) AS last_project_at, count(*) AS projects, min(f.as_of_position) AS as_of_position,
    min(f.fresh_at) AS fresh_at
FROM $schema.project p LEFT JOIN bi_v1.freshness f ON f.source = 'project'
GROUP BY p.customer_id;
COMMENT ON VIEW bi_v1.dim_customer IS
    'Grain: a customer (客户) of projects one reads, under a pseudonym: neither name nor number.';
COMMENT ON COLUMN bi_v1.dim_customer.customer_id IS 'Id of the customer; fact_project.customer_id.';
COMMENT ON COLUMN bi_v1.dim_customer.pseudonym IS 'A short label for charts, the same everywhere.';
COMMENT ON COLUMN bi_v1.dim_customer.first_project_at IS 'When the first of its projects one reads started.';
COMMENT ON COLUMN bi_v1.dim_customer.last_project_at IS 'When the last of them started.';
COMMENT ON COLUMN bi_v1.dim_customer.projects IS 'How many those are.';

CREATE OR REPLACE VIEW bi_v1.dim_role WITH (security_invoker = true) AS
SELECT r.role, r.name, r.side, r.active, f.as_of_position, f.fresh_at
FROM $schema.role r LEFT JOIN bi_v1.freshness f ON f.source = 'template';
COMMENT ON VIEW bi_v1.dim_role IS 'Grain: a role people have (角色).';
COMMENT ON COLUMN bi_v1.dim_role.role IS 'Code of the role.';
COMMENT ON COLUMN bi_v1.dim_role.name IS 'Name of the role.';
COMMENT ON COLUMN bi_v1.dim_role.side IS 'Whose role: vendor, provider, customer or operator.';
COMMENT ON COLUMN bi_v1.dim_role.active IS 'Whether it can be given now.';

CREATE OR REPLACE VIEW bi_v1.dim_template WITH (security_invoker = true) AS
SELECT
    t.template_id, t.version AS template_version, t.serial, t.name, t.owner_id,
    jsonb_array_length(t.nodes) AS nodes,
    (SELECT sum((n.node ->> 'timeout')::int) FROM jsonb_array_elements(t.nodes) AS n (node)) * 8640 AS limit_seconds,
    f.as_of_position, f.fresh_at
FROM $schema.template t LEFT JOIN bi_v1.freshness f ON f.source = 'template';
COMMENT ON VIEW bi_v1.dim_template IS 'Grain: a published version of a service flow template (服务流程模板).';
COMMENT ON COLUMN bi_v1.dim_template.template_id IS 'Id of the template.';
COMMENT ON COLUMN bi_v1.dim_template.template_version IS 'Its version, from 1.';
COMMENT ON COLUMN bi_v1.dim_template.serial IS 'The number shown in lists.';
COMMENT ON COLUMN bi_v1.dim_template.name IS 'Name of the version.';
COMMENT ON COLUMN bi_v1.dim_template.owner_id IS 'The vendor of a private template; null for a public one.';
COMMENT ON COLUMN bi_v1.dim_template.nodes IS 'How many nodes it has, containers and their children included.';
COMMENT ON COLUMN bi_v1.dim_template.limit_seconds IS 'Sum of the limits of all nodes, in working seconds.';

CREATE OR REPLACE VIEW bi_v1.dim_template_node WITH (security_invoker = true) AS
SELECT
    t.template_id, t.version AS template_version, n.number::int AS number, n.node ->> 'id' AS node,
    n.node ->> 'name' AS name, n.node ->> 'type' AS type, (n.node ->> 'step')::int AS step,
    n.node ->> 'parent' AS parent, n.node ->> 'side' AS side, n.node ->> 'role' AS role,
    nullif((n.node ->> 'timeout')::int, 0) * 8640 AS limit_seconds, f.as_of_position, f.fresh_at
FROM $schema.template t
CROSS JOIN LATERAL jsonb_array_elements(t.nodes) WITH ORDINALITY AS n (node, number)
LEFT JOIN bi_v1.freshness f ON f.source = 'template';
COMMENT ON VIEW bi_v1.dim_template_node IS 'Grain: a node (节点) of a published version of a template.';
COMMENT ON COLUMN bi_v1.dim_template_node.template_id IS 'Id of the template.';
COMMENT ON COLUMN bi_v1.dim_template_node.template_version IS 'Its version.';
COMMENT ON COLUMN bi_v1.dim_template_node.number IS 'Place of the node in the template, from 1; children after their container.';
COMMENT ON COLUMN bi_v1.dim_template_node.node IS 'Id of the node in its template; fact_node_visit.node.';
COMMENT ON COLUMN bi_v1.dim_template_node.name IS 'Name of the node.';
COMMENT ON COLUMN bi_v1.dim_template_node.type IS
    'assign_provider, claim_order, assign_order, submit_requirement, confirm, general, container or complete_project.';
COMMENT ON COLUMN bi_v1.dim_template_node.step IS 'Number of the step of the flow, the same for all nodes of a container.';
COMMENT ON COLUMN bi_v1.dim_template_node.parent IS 'The container it stands in, if any.';
COMMENT ON COLUMN bi_v1.dim_template_node.side IS 'Who operates it (操作端): provider or customer.';
COMMENT ON COLUMN bi_v1.dim_template_node.role IS 'The role that operates it, on the provider''s side.';
COMMENT ON COLUMN bi_v1.dim_template_node.limit_seconds IS 'Its limit in working seconds; null for none.';

CREATE OR REPLACE VIEW bi_v1.dim_date WITH (security_invoker = true) AS
WITH known AS (
    SELECT DISTINCT ON (c.year) c.year, c.holidays FROM $schema.calendar c ORDER BY c.year, c.revision DESC
), holiday AS (
    SELECT h.entry ->> 'name' AS name, (h.entry ->> 'first')::date AS first, (h.entry ->> 'last')::date AS last
    FROM known CROSS JOIN LATERAL jsonb_array_elements(known.holidays) AS h (entry)
)
SELECT
    d.day::date AS day, bi_v1.midnight_of(d.day::date) AS midnight, extract(year FROM d.day)::int AS year,
    extract(quarter FROM d.day)::int AS quarter, extract(month FROM d.day)::int AS month,
    to_char(d.day, 'YYYY-MM') AS year_month, extract(isodow FROM d.day)::int AS weekday,
    bi_v1.working_days_before(d.day::date + 1, k.worked, k.off)
        > bi_v1.working_days_before(d.day::date, k.worked, k.off) AS is_working_day,
    bi_v1.working_days_before(d.day::date, k.worked, k.off) AS working_days_before,
    (SELECT min(h.name) FROM holiday h WHERE d.day BETWEEN h.first AND h.last) AS holiday,
    d.day::date = bi_v1.day_of((SELECT bi_v1.present())) AS is_today,
    f.as_of_position, f.fresh_at
FROM generate_series(
    timestamp '2015-01-01',
    make_date(greatest((SELECT max(c.year) FROM $schema.calendar c), extract(year FROM now())::int + 1), 12, 31),
    interval '1 day') AS d (day)
CROSS JOIN bi_v1.calendar_at('infinity') AS k
LEFT JOIN bi_v1.freshness f ON f.source = 'template';
COMMENT ON VIEW bi_v1.dim_date IS
    'Grain: a day of Shanghai, from 2015-01-01 to the end of the known calendar, by the present working-day calendar.';
COMMENT ON COLUMN bi_v1.dim_date.day IS 'The day.';
COMMENT ON COLUMN bi_v1.dim_date.midnight IS 'The moment it begins, 0:00 in Shanghai.';
COMMENT ON COLUMN bi_v1.dim_date.year IS 'Calendar year.';
COMMENT ON COLUMN bi_v1.dim_date.quarter IS 'Quarter, 1 to 4.';
COMMENT ON COLUMN bi_v1.dim_date.month IS 'Month, 1 to 12.';
COMMENT ON COLUMN bi_v1.dim_date.year_month IS 'Year and month, such as 2019-10.';
COMMENT ON COLUMN bi_v1.dim_date.weekday IS 'Day of the week, 1 (Monday) to 7.';
COMMENT ON COLUMN bi_v1.dim_date.is_working_day IS 'Whether it is worked (工作日): no weekend or a make-up day, and no holiday.';
COMMENT ON COLUMN bi_v1.dim_date.working_days_before IS
    'Working days before it since year 1: the difference of two days is the number of working days between them.';
COMMENT ON COLUMN bi_v1.dim_date.holiday IS 'Name of the holiday (假期) it belongs to, if any.';
COMMENT ON COLUMN bi_v1.dim_date.is_today IS 'Whether it is today, as the delivery center reckons.';
