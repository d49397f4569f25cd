-- +migrate Up
SELECT 0;
