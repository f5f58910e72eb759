-- +goose Up

-- How controllers see line items: report/plans writes and reads it. Controller
-- '' is the one that steps for all bidders, another is the bidder's of that
-- name. Line item 0 says when its controller stepped last. Rows are replaced by
-- later ones, and deleted after eight days.
CREATE TABLE line_item_pacing (
    line_item  BIGINT NOT NULL,
    controller TEXT   NOT NULL,
    stepped_at BIGINT NOT NULL, -- Unix nanos of the market clock
    view       TEXT   NOT NULL, -- JSON
    PRIMARY KEY (line_item, controller)
);
CREATE INDEX line_item_pacing_stepped ON line_item_pacing (stepped_at);

-- +goose Down
DROP TABLE line_item_pacing;
