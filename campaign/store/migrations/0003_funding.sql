-- +goose Up

-- The root of an advertiser's budgets is a node too: its amount is the credit
-- line, 0 for none, and what was paid in is in the ledger. SQLite cannot change
-- a check, so the table is made anew.
CREATE TABLE budget_nodes_3 (
    id           BIGINT PRIMARY KEY CHECK (id > 0),
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('advertiser', 'campaign', 'line_item')),
    owner_id     BIGINT NOT NULL,
    "window"     TEXT NOT NULL CHECK ("window" IN ('lifetime', 'daily')),
    amount_nanos BIGINT NOT NULL CHECK (amount_nanos >= 0), -- daily: per day of time_zone
    currency     TEXT NOT NULL,
    time_zone    TEXT NOT NULL,
    starts_at    BIGINT, -- of the flight, included; NULL when open
    ends_at      BIGINT, -- excluded; NULL when open
    UNIQUE (owner_kind, owner_id, "window"),
    CHECK (owner_kind <> 'advertiser' OR "window" = 'lifetime')
);
INSERT INTO budget_nodes_3 (id, owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at)
    SELECT id, owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at FROM budget_nodes;
DROP TABLE budget_nodes;
ALTER TABLE budget_nodes_3 RENAME TO budget_nodes;

-- +goose Down
DELETE FROM budget_nodes WHERE owner_kind = 'advertiser';
