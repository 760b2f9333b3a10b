"""The documented views for analysts: schema ``bi_v1``, roles that read it, exports of it (docs/bi.md)."""
