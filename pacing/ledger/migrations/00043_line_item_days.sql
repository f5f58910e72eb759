-- +goose Up

-- What line items spent on each day. Corrections are not in it.
CREATE TABLE line_item_days (
    line_item BIGINT NOT NULL,
    day       BIGINT NOT NULL, -- since 1970-01-01, UTC, of the notice
    bookings  BIGINT NOT NULL,
    spent     BIGINT NOT NULL, -- what the advertiser pays
    PRIMARY KEY (line_item, day)
);
INSERT INTO line_item_days (line_item, day, bookings, spent)
    SELECT line_item, occurred_at / 86400000000000, COUNT(*), CAST(SUM(advertiser_cost) AS BIGINT)
    FROM bookings GROUP BY line_item, occurred_at / 86400000000000;

-- +goose Down
DROP TABLE line_item_days;
