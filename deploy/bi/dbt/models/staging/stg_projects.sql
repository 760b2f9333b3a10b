-- A project with the names it is spoken of by, and its cycle in working days.
select
    p.project_id, p.order_number, p.business_number, p.state, p.vendor_id, v.name as vendor_name,
    p.provider_id, r.name as provider_name, p.product_id, d.code as product_code, d.name as product_name,
    p.customer_id, c.pseudonym as customer, p.created_day, p.ended_day, p.evaluated_day,
    p.cycle_working_seconds::double precision / 86400 as cycle_days,
    coalesce(q.pause_days, 0) as pause_days, p.is_overdue, p.changes_of_provider, p.stars
from {{ source('bi', 'fact_project') }} p
left join {{ source('bi', 'dim_vendor') }} v on v.vendor_id = p.vendor_id
left join {{ source('bi', 'dim_provider') }} r on r.provider_id = p.provider_id
left join {{ source('bi', 'dim_product') }} d on d.product_id = p.product_id
left join {{ source('bi', 'dim_customer') }} c on c.customer_id = p.customer_id
left join (
    select project_id, sum(pause_working_seconds)::double precision / 86400 as pause_days
    from {{ source('bi', 'fact_pause') }}
    group by project_id
) q on q.project_id = p.project_id
