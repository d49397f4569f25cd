-- Running downgrade b -> a

DROP TABLE x;
