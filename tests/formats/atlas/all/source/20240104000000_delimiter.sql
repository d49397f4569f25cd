-- atlas:delimiter \nGO

CREATE TABLE one (id integer DEFAULT (1 
), t text DEFAULT '
GO
')
GO
-- atlas:nolint
CREATE TABLE two (id integer)
GO

GO
CREATE TABLE three (id integer)
