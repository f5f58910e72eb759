-- Amounts are BIGINT nanos (1e-9 of a currency unit), times BIGINT unix nanos of market time.

-- +goose Up
CREATE TABLE ledger_counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO ledger_counters (name, value) VALUES ('incarnation', 0), ('booking', 0);

CREATE TABLE incarnations (
    id        BIGINT NOT NULL PRIMARY KEY,
    name      TEXT   NOT NULL,
    state     TEXT   NOT NULL CHECK (state IN ('open', 'fenced', 'closed', 'reclaimed')),
    opened_at BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);
CREATE INDEX incarnations_unreclaimed ON incarnations (last_seen) WHERE state <> 'reclaimed';

-- How each budget stands in a period. Its row is locked before a slice of it is touched.
CREATE TABLE balances (
    node        BIGINT NOT NULL,
    period      BIGINT NOT NULL, -- yyyymmdd, 0 for the whole flight
    booked      BIGINT NOT NULL DEFAULT 0,
    outstanding BIGINT NOT NULL DEFAULT 0 CHECK (outstanding >= 0), -- sum of granted - booked - returned of its slices
    overrun     BIGINT NOT NULL DEFAULT 0, -- the part of booked that neither a slice nor the free budget covered
    disputed    BIGINT NOT NULL DEFAULT 0,
    bookings    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (node, period)
);

CREATE TABLE slices (
    incarnation BIGINT NOT NULL REFERENCES incarnations (id),
    node        BIGINT NOT NULL,
    period      BIGINT NOT NULL,
    granted     BIGINT NOT NULL DEFAULT 0,
    booked      BIGINT NOT NULL DEFAULT 0,
    returned    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (incarnation, node, period),
    CHECK (granted >= booked + returned AND booked >= 0 AND returned >= 0)
);

-- A bid is billed by one kind of notice, at most once: the bid alone is the key.
CREATE TABLE bookings (
    bid_id          TEXT    NOT NULL PRIMARY KEY, -- 32 hexadecimal digits
    cursor          BIGINT  NOT NULL UNIQUE,      -- grows in the order of commits
    incarnation     BIGINT  NOT NULL,
    kind            TEXT    NOT NULL,
    exchange        BIGINT  NOT NULL,
    advertiser      BIGINT  NOT NULL,
    campaign        BIGINT  NOT NULL,
    line_item       BIGINT  NOT NULL,
    creative        BIGINT  NOT NULL,
    currency        TEXT    NOT NULL,
    bid_price       BIGINT  NOT NULL,
    amount          BIGINT  NOT NULL, -- media cost
    advertiser_cost BIGINT  NOT NULL, -- what the advertiser pays
    disputed        BIGINT  NOT NULL, -- what the notice said beyond the bid
    overrun         BIGINT  NOT NULL, -- the most of any of its nodes
    price_state     TEXT    NOT NULL,
    late            BOOLEAN NOT NULL,
    issued_at       BIGINT  NOT NULL,
    occurred_at     BIGINT  NOT NULL,
    received_at     BIGINT  NOT NULL
);
CREATE INDEX bookings_feed ON bookings (incarnation, cursor);

-- What covered a booking at each of its budgets.
CREATE TABLE booking_nodes (
    cursor     BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    node       BIGINT NOT NULL,
    period     BIGINT NOT NULL,
    from_slice BIGINT NOT NULL,
    from_free  BIGINT NOT NULL,
    overrun    BIGINT NOT NULL,
    PRIMARY KEY (cursor, position)
);

-- Authentic notices that came too late to be booked. No money is in them.
CREATE TABLE reconciliation (
    bid_id      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    exchange    BIGINT NOT NULL,
    advertiser  BIGINT NOT NULL,
    campaign    BIGINT NOT NULL,
    line_item   BIGINT NOT NULL,
    creative    BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    bid_price   BIGINT NOT NULL,
    price       BIGINT NOT NULL,
    price_state TEXT   NOT NULL,
    issued_at   BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (bid_id, kind)
);

CREATE TABLE ledger_totals (
    currency        TEXT   NOT NULL PRIMARY KEY,
    bookings        BIGINT NOT NULL DEFAULT 0,
    amount          BIGINT NOT NULL DEFAULT 0,
    advertiser_cost BIGINT NOT NULL DEFAULT 0,
    disputed        BIGINT NOT NULL DEFAULT 0,
    overrun         BIGINT NOT NULL DEFAULT 0,
    late            BIGINT NOT NULL DEFAULT 0,
    unpriced        BIGINT NOT NULL DEFAULT 0,
    expired         BIGINT NOT NULL DEFAULT 0
);

-- +goose Down
DROP TABLE ledger_totals;
DROP TABLE reconciliation;
DROP TABLE booking_nodes;
DROP TABLE bookings;
DROP TABLE slices;
DROP TABLE balances;
DROP TABLE incarnations;
DROP TABLE ledger_counters;
