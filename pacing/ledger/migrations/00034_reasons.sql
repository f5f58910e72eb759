-- +goose Up

-- What became of line items on one day, counted by one start of a bidder: why
-- they did not bid, as report/why writes it. Line item 0 is all requests. Rows
-- are replaced by later ones that count more, and deleted after a month.
CREATE TABLE line_item_reasons (
    line_item   BIGINT NOT NULL,
    day         BIGINT NOT NULL, -- 20261201, UTC of the market clock
    incarnation BIGINT NOT NULL,
    counts      TEXT   NOT NULL, -- JSON
    PRIMARY KEY (line_item, day, incarnation)
);
CREATE INDEX line_item_reasons_day ON line_item_reasons (day);

-- +goose Down
DROP TABLE line_item_reasons;
