# A note.
-- atlas:txmode all

SELECT 1;
