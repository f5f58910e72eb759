-- Portable to SQLite and PostgreSQL. Ids are assigned by the application from
-- counters. Amounts are nanos (1e-9) of the advertiser's currency. Instants
-- are milliseconds since 1970 UTC. Local times are texts, '' when open.

-- +goose Up

-- One row per kind of id, and 'revision': the last number handed out.
-- Updating the revision's row is every writer's first statement: it makes
-- writers wait for each other, so that revisions appear in order.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE exchanges (
    id                BIGINT PRIMARY KEY CHECK (id > 0),
    name              TEXT NOT NULL UNIQUE,
    status            TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    seat              TEXT NOT NULL,
    currency          TEXT NOT NULL,
    billing_event     TEXT NOT NULL CHECK (billing_event IN ('billing', 'impression', 'win')),
    no_bid            TEXT NOT NULL CHECK (no_bid IN ('204', 'nbr')),
    default_tmax_ms   BIGINT NOT NULL CHECK (default_tmax_ms > 0),
    network_margin_ms BIGINT NOT NULL CHECK (network_margin_ms > 0),
    win_deadline_ms   BIGINT NOT NULL CHECK (win_deadline_ms > 0),
    horizon_ms        BIGINT NOT NULL CHECK (horizon_ms >= win_deadline_ms),
    revision          BIGINT NOT NULL
);
CREATE INDEX exchanges_revision ON exchanges (revision);

CREATE TABLE advertisers (
    id        BIGINT PRIMARY KEY CHECK (id > 0),
    name      TEXT NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    time_zone TEXT NOT NULL,
    currency  TEXT NOT NULL,
    revision  BIGINT NOT NULL
);
CREATE INDEX advertisers_revision ON advertisers (revision);

CREATE TABLE campaigns (
    id            BIGINT PRIMARY KEY CHECK (id > 0),
    advertiser_id BIGINT NOT NULL REFERENCES advertisers (id),
    name          TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    flight_start  TEXT NOT NULL,
    flight_end    TEXT NOT NULL,
    revision      BIGINT NOT NULL
);
CREATE INDEX campaigns_advertiser ON campaigns (advertiser_id, id);
CREATE INDEX campaigns_revision ON campaigns (revision);

CREATE TABLE line_items (
    id             BIGINT PRIMARY KEY CHECK (id > 0),
    campaign_id    BIGINT NOT NULL REFERENCES campaigns (id),
    advertiser_id  BIGINT NOT NULL REFERENCES advertisers (id),
    name           TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    flight_start   TEXT NOT NULL,
    flight_end     TEXT NOT NULL,
    goal_kind      TEXT NOT NULL CHECK (goal_kind IN ('cpm', 'cpc')),
    goal_nanos     BIGINT NOT NULL CHECK (goal_nanos > 0),
    max_bid_nanos  BIGINT NOT NULL CHECK (max_bid_nanos > 0), -- per thousand impressions
    click_rate     DOUBLE PRECISION NOT NULL,
    targeting      TEXT NOT NULL, -- JSON
    frequency_caps TEXT NOT NULL, -- JSON
    revision       BIGINT NOT NULL
);
CREATE INDEX line_items_campaign ON line_items (campaign_id, id);
CREATE INDEX line_items_revision ON line_items (revision);

CREATE TABLE creatives (
    id           BIGINT PRIMARY KEY CHECK (id > 0),
    line_item_id BIGINT NOT NULL REFERENCES line_items (id),
    name         TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('active', 'paused', 'archived')),
    width        BIGINT NOT NULL CHECK (width > 0),
    height       BIGINT NOT NULL CHECK (height > 0),
    markup       TEXT NOT NULL,
    landing_url  TEXT NOT NULL,
    domains      TEXT NOT NULL, -- JSON
    categories   TEXT NOT NULL, -- JSON
    attributes   TEXT NOT NULL, -- JSON
    secure       BOOLEAN NOT NULL,
    revision     BIGINT NOT NULL
);
CREATE INDEX creatives_line_item ON creatives (line_item_id, id);
CREATE INDEX creatives_revision ON creatives (revision);

-- A budget node is one limit of one campaign or line item. The ledger grants
-- against it. Its id outlives every edit: a budget taken away leaves its node
-- with the amount 0, and gets the same node back when it returns.
-- "window" is a reserved word in PostgreSQL: quote it.
CREATE TABLE budget_nodes (
    id           BIGINT PRIMARY KEY CHECK (id > 0),
    owner_kind   TEXT NOT NULL CHECK (owner_kind IN ('campaign', 'line_item')),
    owner_id     BIGINT NOT NULL,
    "window"     TEXT NOT NULL CHECK ("window" IN ('lifetime', 'daily')),
    amount_nanos BIGINT NOT NULL CHECK (amount_nanos >= 0), -- daily: per day of time_zone
    currency     TEXT NOT NULL,
    time_zone    TEXT NOT NULL,
    starts_at    BIGINT, -- of the flight, included; NULL when open
    ends_at      BIGINT, -- excluded; NULL when open
    UNIQUE (owner_kind, owner_id, "window")
);

CREATE TABLE api_keys (
    id         BIGINT PRIMARY KEY CHECK (id > 0),
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'read')),
    hash       TEXT NOT NULL UNIQUE, -- SHA-256 of the key, hexadecimal
    created_at BIGINT NOT NULL,
    revoked_at BIGINT -- NULL while it works
);

INSERT INTO counters (name, value) VALUES
    ('revision', 0), ('advertiser', 0), ('campaign', 0), ('line_item', 0),
    ('creative', 0), ('exchange', 0), ('budget_node', 0), ('api_key', 0);

-- +goose Down
DROP TABLE api_keys;
DROP TABLE budget_nodes;
DROP TABLE creatives;
DROP TABLE line_items;
DROP TABLE campaigns;
DROP TABLE advertisers;
DROP TABLE exchanges;
DROP TABLE counters;
