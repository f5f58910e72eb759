-- +goose Up

-- Samples of the opportunities that line items met in the last day, as one
-- start of a bidder has them: report/frontiers writes and reads them. Rows are
-- replaced by later ones, and deleted after a day.
CREATE TABLE line_item_opportunities (
    line_item   BIGINT NOT NULL,
    incarnation BIGINT NOT NULL,
    written_at  BIGINT NOT NULL, -- Unix seconds of the market clock
    sample      TEXT   NOT NULL, -- JSON, packed
    PRIMARY KEY (line_item, incarnation)
);
CREATE INDEX line_item_opportunities_written ON line_item_opportunities (written_at);

-- +goose Down
DROP TABLE line_item_opportunities;
