-- +goose Up

-- What bidders received before this market time is booked: one row.
CREATE TABLE booking_progress (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    through BIGINT NOT NULL -- 0: never said
);
INSERT INTO booking_progress (id, through) VALUES (1, 0);

-- Bidders that keep events on their own disk, which the log does not have yet.
CREATE TABLE unlogged (
    name  TEXT   NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL -- none of these were received before
);

-- +goose Down
DROP TABLE unlogged;
DROP TABLE booking_progress;
