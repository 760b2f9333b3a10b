-- Who reads what. A tenant is a database role, mapped to its party here; nothing a session can set takes part.
COMMENT ON SCHEMA bi IS 'Who may read the BI views as whom; written by "python -m reporting_svc.bi grant" only.';
COMMENT ON SCHEMA bi_v1 IS
    'Documented views for analysts, version 1. Columns may be added at the end of a view; a change of meaning is bi_v2.';

CREATE TABLE IF NOT EXISTS bi.tenant (
    role_name name PRIMARY KEY,
    party_id uuid,
    everything boolean NOT NULL,
    CHECK (everything <> (party_id IS NOT NULL)));
COMMENT ON TABLE bi.tenant IS 'Grain: a database role. The party whose rows it reads.';
COMMENT ON COLUMN bi.tenant.role_name IS 'The role that logs in (session_user).';
COMMENT ON COLUMN bi.tenant.party_id IS 'The vendor or provider whose rows it reads; null for the platform operator.';
COMMENT ON COLUMN bi.tenant.everything IS 'Whether it is the platform operator, who reads the rows of all parties.';
