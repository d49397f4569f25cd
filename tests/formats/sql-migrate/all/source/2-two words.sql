-- +migrate Up
SELECT 2;
