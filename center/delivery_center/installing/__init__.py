"""What an installation needs before its first process: secrets, signing keys, roles, schemas, tables, queues."""
