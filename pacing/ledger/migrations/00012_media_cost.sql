-- +goose Up

-- Booked is what the advertiser pays; this is the part that exchanges bill.
ALTER TABLE balances ADD COLUMN media BIGINT NOT NULL DEFAULT 0;
UPDATE balances SET media = booked;

-- +goose Down
ALTER TABLE balances DROP COLUMN media;
