-- +goose Up

-- What line items spent and how often they were clicked, for limits on what
-- outcomes cost. Corrections are not in it: they come when nothing can be
-- steered by them any more.
CREATE TABLE line_item_sums (
    line_item BIGINT NOT NULL PRIMARY KEY,
    spent     BIGINT NOT NULL DEFAULT 0, -- what the advertiser pays
    clicks    BIGINT NOT NULL DEFAULT 0
);
INSERT INTO line_item_sums (line_item, spent)
    SELECT line_item, CAST(SUM(advertiser_cost) AS BIGINT) FROM bookings GROUP BY line_item;

-- Clicks that were counted: a bid has one.
CREATE TABLE clicks (
    bid_id    TEXT   NOT NULL PRIMARY KEY,
    line_item BIGINT NOT NULL
);

-- +goose Down
DROP TABLE clicks;
DROP TABLE line_item_sums;
