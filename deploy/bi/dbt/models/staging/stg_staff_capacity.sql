-- What each person might hold on each day at 0:00.
select
    d.day, c.provider_id, c.person_id, p.name as person_name, p.department_id, c.maximum, c.receiving
from {{ source('bi', 'fact_staff_capacity') }} c
join {{ source('bi', 'dim_date') }} d
    on d.midnight > c.valid_from and (c.valid_to is null or d.midnight <= c.valid_to)
left join {{ source('bi', 'dim_person') }} p on p.person_id = c.person_id
where d.day <= current_date
