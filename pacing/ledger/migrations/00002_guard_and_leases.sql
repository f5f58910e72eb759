-- +goose Up

-- The switch that stops all bidding: one row.
CREATE TABLE guard (
    id      BIGINT  NOT NULL PRIMARY KEY CHECK (id = 1),
    stopped BOOLEAN NOT NULL,
    reason  TEXT    NOT NULL,
    set_by  TEXT    NOT NULL,
    set_at  BIGINT  NOT NULL -- 0: never
);
INSERT INTO guard (id, stopped, reason, set_by, set_at) VALUES (1, FALSE, '', '', 0);

-- Who does what only one process should do at a time.
CREATE TABLE leases (
    name     TEXT   NOT NULL PRIMARY KEY,
    holder   TEXT   NOT NULL,
    until_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE leases;
DROP TABLE guard;
