-- +goose Up

-- How an advertiser's orders are measured, and the SHA-256 of the keys that its
-- servers send, in hexadecimal, the newest first.
ALTER TABLE advertisers ADD COLUMN conversions TEXT NOT NULL DEFAULT '{}';
ALTER TABLE advertisers ADD COLUMN conversion_keys TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE advertisers DROP COLUMN conversion_keys;
ALTER TABLE advertisers DROP COLUMN conversions;
