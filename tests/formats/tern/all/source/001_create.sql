create table t (id int);
insert into t values (1);

---- create above / drop below ----

drop table t;
