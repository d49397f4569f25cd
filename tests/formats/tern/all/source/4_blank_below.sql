select 4;
---- create above / drop below ----

