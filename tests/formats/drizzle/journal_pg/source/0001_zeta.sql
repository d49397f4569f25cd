CREATE TABLE zeta (id integer); -- ${not} a variable
