--liquibase formatted sql

--changeset alice:1
--comment: Who buys.
CREATE TABLE customer (id integer PRIMARY KEY, name text);
CREATE TABLE note (body text);
--rollback DROP TABLE note;
--rollback DROP TABLE customer;

--changeset alice:2 stripComments:false runInTransaction:true
-- a comment of SQL's own
INSERT INTO note VALUES ('it''s; -- no comment');
--rollback not required

--changeset "Bob Baker":"add mail" labels:mail,contact context:"test or dev"
ALTER TABLE customer ADD COLUMN mail text;
/* liquibase rollback
ALTER TABLE customer
    DROP COLUMN mail;
*/

--changeset alice:note
CREATE TABLE remark (body text);
--rollback DROP TABLE remark;

--changeset alice:3
DROP TABLE remark;
--rollback changeSetId:note changeSetAuthor:alice
