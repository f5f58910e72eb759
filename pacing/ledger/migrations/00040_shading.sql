-- +goose Up

-- What bids of each arm of shading came to: by line item, exchange and the UTC
-- day on which they left. Amounts are media cost in the advertiser's currency,
-- in nanos: they are for estimates and their intervals, and never
-- owed.
CREATE TABLE shading_sums (
    line_item   BIGINT           NOT NULL,
    exchange    BIGINT           NOT NULL,
    day         BIGINT           NOT NULL, -- yyyymmdd
    arm         BIGINT           NOT NULL, -- 1 shaded, 2 control, 3 explored
    currency    TEXT             NOT NULL, -- '' until something was booked
    bids        BIGINT           NOT NULL DEFAULT 0, -- as bidders counted them
    impressions BIGINT           NOT NULL DEFAULT 0, -- as they were booked
    cost        DOUBLE PRECISION NOT NULL DEFAULT 0,
    value       DOUBLE PRECISION NOT NULL DEFAULT 0, -- as it was predicted
    cost_cost   DOUBLE PRECISION NOT NULL DEFAULT 0,
    cost_value  DOUBLE PRECISION NOT NULL DEFAULT 0,
    value_value DOUBLE PRECISION NOT NULL DEFAULT 0,
    PRIMARY KEY (line_item, exchange, day, arm)
);

-- +goose Down
DROP TABLE shading_sums;
