-- A visit of a node, with its times in working days and whether the run had been at the node before.
select
    v.project_id, v.visit, v.run, v.vendor_id, v.provider_id, v.product_id, v.node, v.name, v.type, v.operator, v.role,
    v.assignee_id, v.entered_day, v.left_day, v.outcome,
    v.working_seconds::double precision / 86400 as working_days,
    v.limit_seconds::double precision / 86400 as limit_days,
    v.is_overdue, v.overdue_seconds::double precision / 86400 as overdue_days,
    row_number() over (partition by v.project_id, v.run, v.node order by v.visit) > 1 as is_again
from {{ source('bi', 'fact_node_visit') }} v
