-- +goose Up

-- How many impressions a booking, an expired notice and a correction are for,
-- in millionths: a showing out of home counts for many, and not for a whole
-- number of them.
ALTER TABLE bookings ADD COLUMN impressions BIGINT NOT NULL DEFAULT 1000000;
ALTER TABLE reconciliation ADD COLUMN impressions BIGINT NOT NULL DEFAULT 1000000;
UPDATE corrections SET impressions = impressions * 1000000;

-- +goose Down
UPDATE corrections SET impressions = impressions / 1000000;
ALTER TABLE reconciliation DROP COLUMN impressions;
ALTER TABLE bookings DROP COLUMN impressions;
