--  //  Statements with other ends.
// @DELIMITER |
CREATE TABLE a (id int);
INSERT INTO a VALUES (1);
| what stands here is left out
-- more
INSERT INTO a VALUES (2) |
-- @DELIMITER ;
INSERT INTO a VALUES (3);
  // a comment
INSERT INTO a VALUES (4);

  // // @UNDO and back
DROP TABLE a;
//@UNDO is a comment now
