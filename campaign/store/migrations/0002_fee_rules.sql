-- +goose Up

-- What an advertiser pays beyond the media cost, from starts_at on. Rules are
-- added, and never changed. The ledger reads them in its own transactions.
CREATE TABLE fee_rules (
    id             BIGINT PRIMARY KEY CHECK (id > 0),
    advertiser_id  BIGINT NOT NULL REFERENCES advertisers (id),
    effective_from TEXT   NOT NULL, -- local time
    starts_at      BIGINT NOT NULL, -- the same as an instant
    markup_ppm     BIGINT NOT NULL CHECK (markup_ppm >= 0),
    data_nanos     BIGINT NOT NULL CHECK (data_nanos >= 0), -- per thousand impressions
    tech_nanos     BIGINT NOT NULL CHECK (tech_nanos >= 0), -- per thousand impressions
    revision       BIGINT NOT NULL,
    UNIQUE (advertiser_id, starts_at)
);
CREATE INDEX fee_rules_revision ON fee_rules (revision);

INSERT INTO counters (name, value) VALUES ('fee_rule', 0);

-- +goose Down
DELETE FROM counters WHERE name = 'fee_rule';
DROP TABLE fee_rules;
