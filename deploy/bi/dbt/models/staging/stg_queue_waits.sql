-- An ask that had to wait, in hours by the clock.
select
    w.request_id, w.role, w.project_id, w.provider_id, w.reason, w.outcome, w.queued_day, w.ended_day,
    w.wait_seconds::double precision / 3600 as wait_hours
from {{ source('bi', 'fact_queue_wait') }} w
