-- +goose Up

-- What exchanges bill is in currency, what advertisers pay in theirs: cost, and
-- media, which is amount by the table of rates that the bid was made by. Before
-- there were tables both currencies were one.
ALTER TABLE bookings ADD COLUMN advertiser_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE bookings ADD COLUMN media BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bookings ADD COLUMN rate_table BIGINT NOT NULL DEFAULT 0; -- 0: nothing was converted
UPDATE bookings SET advertiser_currency = currency, media = amount;

ALTER TABLE corrections ADD COLUMN advertiser_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE corrections ADD COLUMN media BIGINT NOT NULL DEFAULT 0;
ALTER TABLE corrections ADD COLUMN rate_table BIGINT NOT NULL DEFAULT 0;
UPDATE corrections SET advertiser_currency = currency, media = amount;

-- +goose Down
ALTER TABLE corrections DROP COLUMN rate_table;
ALTER TABLE corrections DROP COLUMN media;
ALTER TABLE corrections DROP COLUMN advertiser_currency;
ALTER TABLE bookings DROP COLUMN rate_table;
ALTER TABLE bookings DROP COLUMN media;
ALTER TABLE bookings DROP COLUMN advertiser_currency;
