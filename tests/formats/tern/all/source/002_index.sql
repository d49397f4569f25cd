---- tern: disable-tx ----
create index t_id on t (id);
---- create above / drop below ----
---- tern: disable-tx ----
drop index t_id;
---- create above / drop below ----
