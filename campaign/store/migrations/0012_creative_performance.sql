-- +goose Up

-- What came of showing creatives, for line items that rotate theirs by click
-- rate. No reference to creatives: the event log may know of one that a
-- restored database does not.
CREATE TABLE creative_performance (
    creative_id BIGINT PRIMARY KEY,
    impressions BIGINT NOT NULL CHECK (impressions >= 0),
    clicks      BIGINT NOT NULL CHECK (clicks >= 0)
);

-- What is in the sums, for as long as it may be told again.
CREATE TABLE creative_touches (
    bid_id    TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    issued_at BIGINT NOT NULL, -- nanoseconds of market time since 1970: when the bid left
    PRIMARY KEY (bid_id, kind)
);
CREATE INDEX creative_touches_by_age ON creative_touches (issued_at);

-- +goose Down
DROP TABLE creative_touches;
DROP TABLE creative_performance;
