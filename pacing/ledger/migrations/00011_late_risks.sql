-- +goose Up

-- What each incarnation last said may still be billed of a budget. Rounded up, and written when it changes by much.
CREATE TABLE late_risks (
    incarnation BIGINT NOT NULL,
    node        BIGINT NOT NULL,
    period      BIGINT NOT NULL, -- yyyymmdd, 0 for the whole flight
    late        BIGINT NOT NULL, -- beyond what is set aside in its slice
    owed        BIGINT NOT NULL, -- in all: what may be late once the slice is reclaimed
    said_at     BIGINT NOT NULL,
    PRIMARY KEY (node, period, incarnation)
);

-- +goose Down
DROP TABLE late_risks;
