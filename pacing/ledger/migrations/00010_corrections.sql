-- +goose Up

-- What was corrected after booking: entries are added, never changed.
CREATE TABLE corrections (
    id              BIGINT NOT NULL PRIMARY KEY, -- grows in the order of commits
    kind            TEXT   NOT NULL CHECK (kind IN ('reconciliation', 'credit', 'conversion')),
    reason          TEXT   NOT NULL,
    reference       TEXT   NOT NULL, -- what it was booked from: with it, nothing is booked twice
    exchange        BIGINT NOT NULL, -- 0: no exchange has to do with it
    advertiser      BIGINT NOT NULL,
    campaign        BIGINT NOT NULL,
    line_item       BIGINT NOT NULL, -- 0: the campaign as a whole
    day             BIGINT NOT NULL, -- yyyymmdd in the exchange's zone
    currency        TEXT   NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount <> 0), -- media cost, below zero for money that comes back
    advertiser_cost BIGINT NOT NULL, -- what the advertiser pays
    overrun         BIGINT NOT NULL, -- the most of any of its nodes, below zero when it went down
    redated         BOOLEAN NOT NULL, -- no budget moves: the money was booked on another day
    booked_at       BIGINT NOT NULL,
    booked_by       TEXT   NOT NULL,
    UNIQUE (exchange, reference, day, campaign, line_item, reason)
);
CREATE INDEX corrections_day ON corrections (exchange, day);

-- What a correction moved at each of its budgets.
CREATE TABLE correction_nodes (
    correction BIGINT NOT NULL REFERENCES corrections (id),
    position   BIGINT NOT NULL,
    node       BIGINT NOT NULL,
    period     BIGINT NOT NULL,
    amount     BIGINT NOT NULL, -- added to the balance's booked
    overrun    BIGINT NOT NULL, -- added to the balance's overrun
    PRIMARY KEY (correction, position)
);

INSERT INTO ledger_counters (name, value) VALUES ('correction', 0);

ALTER TABLE ledger_totals ADD COLUMN corrections BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN corrected BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN corrected_overrun BIGINT NOT NULL DEFAULT 0;

-- Reconciliation reads an exchange's days.
CREATE INDEX bookings_exchange ON bookings (exchange, occurred_at);

-- +goose Down
DROP INDEX bookings_exchange;
ALTER TABLE ledger_totals DROP COLUMN corrected_overrun;
ALTER TABLE ledger_totals DROP COLUMN corrected;
ALTER TABLE ledger_totals DROP COLUMN corrections;
DELETE FROM ledger_counters WHERE name = 'correction';
DROP TABLE correction_nodes;
DROP TABLE corrections;
