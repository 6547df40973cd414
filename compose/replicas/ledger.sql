-- Run once, by PostgreSQL's image, in a new database. The gateway needs no more than this: it makes its tables by itself.
\set password `cat /run/ledger/password`
CREATE ROLE gateway LOGIN PASSWORD :'password';
CREATE SCHEMA enrollment_gateway AUTHORIZATION gateway;
