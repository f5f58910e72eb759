-- +goose Up

-- What advertisers paid in, and got back: entries are added, never changed.
CREATE TABLE payments (
    id         BIGINT NOT NULL PRIMARY KEY, -- grows in the order of commits
    advertiser BIGINT NOT NULL,
    amount     BIGINT NOT NULL CHECK (amount <> 0), -- below zero for a refund
    currency   TEXT   NOT NULL,
    reference  TEXT   NOT NULL, -- with it, nothing is booked twice
    reason     TEXT   NOT NULL,
    booked_at  BIGINT NOT NULL,
    booked_by  TEXT   NOT NULL,
    UNIQUE (advertiser, reference)
);

INSERT INTO ledger_counters (name, value) VALUES ('payment', 0);

-- The sum of an advertiser's payments, at its balance: part of the limit.
ALTER TABLE balances ADD COLUMN paid BIGINT NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE balances DROP COLUMN paid;
DELETE FROM ledger_counters WHERE name = 'payment';
DROP TABLE payments;
