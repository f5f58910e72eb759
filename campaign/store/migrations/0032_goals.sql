-- +goose Up

-- Goals of more kinds, and such as have no amount: the checks of the columns
-- go with them. Rates are per impression, or per click as conversion_rate_per
-- says.
ALTER TABLE line_items ADD COLUMN goal TEXT NOT NULL DEFAULT '';
ALTER TABLE line_items ADD COLUMN goal_amount BIGINT NOT NULL DEFAULT 0 CHECK (goal_amount >= 0);
ALTER TABLE line_items ADD COLUMN goal_return DOUBLE PRECISION NOT NULL DEFAULT 0;
UPDATE line_items SET goal = goal_kind, goal_amount = goal_nanos;
ALTER TABLE line_items DROP COLUMN goal_kind;
ALTER TABLE line_items DROP COLUMN goal_nanos;

ALTER TABLE line_items ADD COLUMN conversion_rate DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE line_items ADD COLUMN conversion_rate_per TEXT NOT NULL DEFAULT '';
ALTER TABLE line_items ADD COLUMN order_value BIGINT NOT NULL DEFAULT 0 CHECK (order_value >= 0);
ALTER TABLE line_items ADD COLUMN limits TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE line_items ADD COLUMN min_delivery DOUBLE PRECISION NOT NULL DEFAULT 0;

-- +goose Down

-- A goal that was not there before becomes the highest bid, and does not bid.
UPDATE line_items SET goal = 'cpm', goal_amount = max_bid_nanos, status = CASE status WHEN 'active' THEN 'paused' ELSE status END
    WHERE goal NOT IN ('cpm', 'cpc');
ALTER TABLE line_items DROP COLUMN min_delivery;
ALTER TABLE line_items DROP COLUMN limits;
ALTER TABLE line_items DROP COLUMN order_value;
ALTER TABLE line_items DROP COLUMN conversion_rate_per;
ALTER TABLE line_items DROP COLUMN conversion_rate;
ALTER TABLE line_items ADD COLUMN goal_nanos BIGINT NOT NULL DEFAULT 1 CHECK (goal_nanos > 0);
ALTER TABLE line_items ADD COLUMN goal_kind TEXT NOT NULL DEFAULT 'cpm' CHECK (goal_kind IN ('cpm', 'cpc'));
UPDATE line_items SET goal_kind = goal, goal_nanos = goal_amount;
ALTER TABLE line_items DROP COLUMN goal_return;
ALTER TABLE line_items DROP COLUMN goal_amount;
ALTER TABLE line_items DROP COLUMN goal;
