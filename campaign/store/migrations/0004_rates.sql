-- +goose Up

-- What currencies are worth in each other, from starts_at on: what one source
-- published at once. Tables are added, and never changed. The ledger reads them
-- in its own transactions.
CREATE TABLE rate_tables (
    id        BIGINT PRIMARY KEY CHECK (id > 0 AND id < 4294967296), -- tokens have 32 bits for it
    source    TEXT   NOT NULL,
    base      TEXT   NOT NULL,
    starts_at BIGINT NOT NULL,
    quotes    TEXT   NOT NULL, -- JSON: what one unit of base is worth, exact decimals
    revision  BIGINT NOT NULL,
    UNIQUE (source, base, starts_at)
);
CREATE INDEX rate_tables_revision ON rate_tables (revision);

INSERT INTO counters (name, value) VALUES ('rate_table', 0);

ALTER TABLE exchanges ADD COLUMN other_currencies TEXT NOT NULL DEFAULT '[]'; -- JSON

-- +goose Down
ALTER TABLE exchanges DROP COLUMN other_currencies;
DELETE FROM counters WHERE name = 'rate_table';
DROP TABLE rate_tables;
