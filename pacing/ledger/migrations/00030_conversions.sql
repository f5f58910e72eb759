-- +goose Up

-- Orders after clicks, each of an advertiser's once. They are the advertiser's
-- money, not a budget's: no balance has them.
CREATE TABLE conversions (
    advertiser  BIGINT  NOT NULL,
    order_hash  TEXT    NOT NULL, -- keyed hash in hexadecimal; never an order id
    verified    BOOLEAN NOT NULL, -- told by an authenticated server of the advertiser
    value       BIGINT  NOT NULL CHECK (value >= 0), -- nanos of currency; 0: not said
    currency    TEXT    NOT NULL,
    campaign    BIGINT  NOT NULL,
    line_item   BIGINT  NOT NULL,
    creative    BIGINT  NOT NULL,
    bid_id      TEXT    NOT NULL,
    clicked_at  BIGINT  NOT NULL,
    received_at BIGINT  NOT NULL,
    PRIMARY KEY (advertiser, order_hash)
);
CREATE INDEX conversions_line_item ON conversions (line_item);
CREATE INDEX conversions_campaign ON conversions (campaign);

-- +goose Down
DROP TABLE conversions;
