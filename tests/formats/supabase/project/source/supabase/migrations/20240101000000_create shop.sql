CREATE TABLE shop (id integer); -- ${not} a variable
