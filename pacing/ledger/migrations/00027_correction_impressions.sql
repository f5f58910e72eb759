-- +goose Up

-- How many impressions a correction is for, below zero for those that come
-- back; 0 where nobody knows. Fees per impression are in advertiser_cost.
ALTER TABLE corrections ADD COLUMN impressions BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE corrections DROP COLUMN impressions;
