
-- +goose Up
SELECT 3;
